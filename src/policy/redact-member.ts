/** Redaction of what has a name in the event or its envelope: the name may tell as much as the value. */

import type { JsonObject, JsonValue, RawJson } from "../contract/json.ts";
import { QUOTE } from "../json/bytes.ts";
import { isRaw } from "../json/raw.ts";
import { readString, textOf } from "../json/scan.ts";
import { isCredentialMember, isHarmless } from "./credential-name.ts";
import { isMark } from "./mark.ts";
import { isLastApplied } from "./member-rules.ts";
import { type Pass, type Rule, replacement, verdictOf } from "./pass.ts";
import type { Path } from "./path-pattern.ts";
import type { Profile } from "./profiles.ts";
import { redactBody, redactString } from "./redact-text.ts";
import { sameOrEntries, sameOrMapped } from "./same.ts";

/** A string of which only its text can tell what it is. */
export function redactAt(pass: Pass, text: string, path: Path, within: Profile | undefined): string {
	const verdict = verdictOf(pass, path);
	if (verdict === "keep") return text;
	if (verdict === "redact") return isMark(text) ? text : replacement(pass, "paths", text);
	return redactString(pass, text, { path, within });
}

/** A string whose key, the last of the path, may tell, too. */
export function redactMember(pass: Pass, text: string, path: Path, within: Profile | undefined): string {
	const rule = ruleOfMember(pass, path, text);
	return rule === undefined ? redactAt(pass, text, path, within) : replacement(pass, rule, text);
}

/** Exact text with a key; `isBody`: it is a body, of an object of the profile if there is one. */
export function redactRaw(pass: Pass, body: RawJson, path: Path, within: Profile | undefined, isBody = false): RawJson {
	const verdict = verdictOf(pass, path);
	if (verdict === "keep") return body;
	const text = body.raw[0] === QUOTE ? readString(body.raw, 0, body.raw.length) : undefined;
	const rule = verdict === "redact" ? "paths" : text === undefined || isBody ? undefined : ruleOfMember(pass, path, text);
	return rule === undefined ? redactBody(pass, body, { path, within, isBody }, isBody ? within : undefined) : replaceRaw(pass, rule, body);
}

/** A mark instead of the whole text. */
export function replaceRaw(pass: Pass, rule: Rule, body: RawJson): RawJson {
	const text = readString(body.raw, 0, body.raw.length) ?? textOf(body.raw);
	return isMark(text) ? body : { raw: Buffer.from(JSON.stringify(replacement(pass, rule, text))) };
}

function ruleOfMember(pass: Pass, path: Path, text: string): Rule | undefined {
	const { on } = pass.rules;
	const key = String(path.at(-1));
	const isLast = on["last-applied"] && isLastApplied(key) && !isHarmless(text);
	if (!isLast && !(on.env && isCredentialMember(key, text))) return undefined;
	return verdictOf(pass, path) !== undefined ? undefined : isLast ? "last-applied" : "env";
}

/** Envelopes are flat; what is nested deeper than this is no envelope. */
const DEPTH_MAX = 64;

/** The members with what the rules name replaced; the same object if there is nothing. */
export function redactMembers(pass: Pass, members: JsonObject, path: Path, within: Profile | undefined): JsonObject {
	return sameOrEntries(members as Record<string, JsonValue>, (value, key) => redactValue(pass, value, [...path, key], within));
}

function redactValue(pass: Pass, value: JsonValue | undefined, path: Path, within: Profile | undefined): JsonValue {
	if (typeof value === "string") return redactMember(pass, value, path, within);
	if (typeof value !== "object" || value === null) return value as JsonValue;
	const verdict = verdictOf(pass, path);
	if (verdict === "keep") return value;
	if (path.length > DEPTH_MAX || verdict === "redact") return replacement(pass, verdict === "redact" ? "paths" : "unreadable", "");
	if (isRaw(value)) return redactRaw(pass, value, path, within);
	if (Array.isArray(value))
		return sameOrMapped(value as readonly JsonValue[], (element, i) => redactValue(pass, element, [...path, i], within));
	return redactMembers(pass, value as JsonObject, path, within);
}
