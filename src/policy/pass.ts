/** One event's way through redaction, or one member's: the rules that hold, and the count of what they replaced. */

import { isShared, share } from "../json/remember.ts";
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

/** How many values each rule replaced. */
export type Counts = ReadonlyMap<string, number>;

export interface Pass {
	readonly rules: Rules;
	/** Made for the first replacement: most events have none. */
	counts: Map<string, number> | undefined;
}

/** What became of a value on a pass of its own: what is remembered of members that come again. */
export interface Redacted<T> {
	readonly value: T;
	readonly counts: Counts | undefined;
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
	count(pass, rule, 1);
	return pass.rules.mark(original);
}

function count(pass: Pass, rule: string, values: number): void {
	pass.counts ??= new Map();
	pass.counts.set(rule, (pass.counts.get(rule) ?? 0) + values);
}

/** Redacts a value on a pass of its own; what is made of a shared value is shared, too. */
export function redactApart<T>(rules: Rules, original: T, redact: (pass: Pass, original: T) => T): Redacted<T> {
	const pass: Pass = { rules, counts: undefined };
	const value = redact(pass, original);
	if (value !== original && typeof original === "object" && original !== null && isShared(original)) share(value as object);
	return { value, counts: pass.counts };
}

/** The value of a pass of its own, which counts as if it had been redacted on this one. */
export function adopt<T>(pass: Pass, { value, counts }: Redacted<T>): T {
	if (counts !== undefined) for (const [rule, values] of counts) count(pass, rule, values);
	return value;
}

/** What the user's own paths say of a place; `keep` wins. */
export function verdictOf({ rules }: Pass, path: Path): "keep" | "redact" | undefined {
	if (rules.keep?.(path) === true) return "keep";
	return rules.paths?.(path) === true ? "redact" : undefined;
}
