/** One event's way through redaction: the rules that hold, and the count of what they replaced. */

import { createMark, type Mark } from "./mark.ts";
import { compilePaths, type Path, type PathMatch } from "./path-pattern.ts";
import { type PresetName, REDACTION_PRESETS } from "./presets.ts";
import type { RedactionSettings } from "./settings.ts";

/** Settings, compiled. */
export interface Rules {
	readonly on: Readonly<Record<PresetName, boolean>>;
	readonly mark: Mark;
	readonly paths: PathMatch | undefined;
	readonly keep: PathMatch | undefined;
	/** Whether any rule looks into bodies. */
	readonly readsBodies: boolean;
}

/** A preset, or "paths" (the user's), or "unreadable" (a body that could not be looked into). */
export type Rule = PresetName | "paths" | "unreadable";

export interface Pass {
	readonly rules: Rules;
	readonly counts: Map<string, number>;
}

/** Throws CONFIG_INVALID for a path that has no meaning. */
export function compileRules(settings: RedactionSettings): Rules {
	const names = REDACTION_PRESETS.map(({ name }) => name);
	const on = Object.fromEntries(names.map((name) => [name, settings.presets?.[name] ?? true])) as Record<PresetName, boolean>;
	const paths = compilePaths(settings.paths ?? []);
	return {
		on,
		mark: createMark(settings.hmacKey),
		paths,
		keep: compilePaths(settings.keep ?? []),
		readsBodies: paths !== undefined || names.some((name) => on[name]),
	};
}

/** Counts a replacement and gives what to write instead of the original. */
export function replacement(pass: Pass, rule: Rule, original: string): string {
	pass.counts.set(rule, (pass.counts.get(rule) ?? 0) + 1);
	return pass.rules.mark(original);
}

/** What the user's own paths say of a place; `keep` wins. */
export function verdictOf({ rules }: Pass, path: Path): "keep" | "redact" | undefined {
	if (rules.keep?.(path) === true) return "keep";
	return rules.paths?.(path) === true ? "redact" : undefined;
}
