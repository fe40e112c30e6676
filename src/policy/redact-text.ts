/** Redaction of one string and of one body: the JSON in it by its members, and plain text by its shape. */

import type { RawJson } from "../contract/json.ts";
import { QUOTE } from "../json/bytes.ts";
import { latin1Of, readTree, type Tree } from "../json/walk.ts";
import { type Edit, editBytes, editText } from "../json/walk-edit.ts";
import { findCredentials } from "./credential-text.ts";
import { type Pass, type Rule, type Rules, replacement } from "./pass.ts";
import type { Path } from "./path-pattern.ts";
import type { Profile } from "./profiles.ts";
import { findQuotedInput } from "./quoted-input.ts";
import { redactTree, type Scope } from "./redact-tree.ts";
import { besideSpans, mergeSpans, type Span } from "./span.ts";
import { isSuspicious, isSuspiciousJson } from "./trigger.ts";
import { findInUri, isUri } from "./uri.ts";

/** How deep JSON in strings in JSON is read; below that it is plain text. */
const STRING_LEVELS_MAX = 3;

const SLASH = 0x2f;

/** Where a text stands. */
export interface Place {
	readonly path: Path;
	/** The text belongs to an object that holds secrets by its nature. */
	readonly within: Profile | undefined;
	/** It is a request's or response's body. */
	readonly isBody?: boolean;
}

/** The string with what the rules name replaced; the same string if there is nothing. */
export function redactString(pass: Pass, text: string, place: Place): string {
	return editText(text, editsOf(pass, text, place, 0));
}

/**
 * The body with what the rules name replaced, and every other byte as it was; the same object if there is nothing.
 * `root`: the body is an object that holds secrets by its nature. What cannot be read is replaced whole.
 */
export function redactBody(pass: Pass, body: RawJson, place: Place, root: Profile | undefined): RawJson {
	if (!isToRead(pass.rules, body.raw, place.within)) return body;
	const text = latin1Of(body.raw);
	if (EMPTY.has(text)) return body;
	const tree = readTree(text, true);
	if (typeof tree === "string") return { raw: Buffer.from(JSON.stringify(replacement(pass, "unreadable", text))) };
	const edits = treeEdits(pass, tree, place, 0, root);
	return edits.length === 0 ? body : { raw: editBytes(text, edits) };
}

/** Whether any rule could have something to replace in the body. */
function isToRead({ readsBodies, paths }: Rules, raw: Uint8Array, within: Profile | undefined): boolean {
	return readsBodies && (within !== undefined || paths !== undefined || isUriText(raw) || isSuspiciousJson(raw));
}

/** A string that begins as a URI does. */
function isUriText(raw: Uint8Array): boolean {
	return raw[0] === QUOTE && raw[1] === SLASH;
}

function treeEdits(
	pass: Pass,
	tree: Tree,
	{ path, within, isBody = false }: Place,
	level: number,
	profile: Profile | undefined,
): readonly Edit[] {
	const inString = (value: string, scope: Scope): readonly Edit[] =>
		editsOf(pass, value, { path: scope.path, within: scope.within }, level);
	return redactTree({ pass, tree, path: [...path], edits: [], within, isBody, inString }, profile);
}

const NO_EDITS: readonly Edit[] = [];
/** Nothing to find, and in many events. */
const EMPTY = new Set(["{}", "[]", '""']);
const MAY_BE_JSON = /^\s*[{[]/;

function editsOf(pass: Pass, text: string, place: Place, level: number): readonly Edit[] {
	const { rules } = pass;
	if (place.within === undefined && rules.paths === undefined && !isUri(text) && !isSuspicious(text)) return NO_EDITS;
	if (level < STRING_LEVELS_MAX && MAY_BE_JSON.test(text)) {
		const tree = readTree(text, false);
		if (tree === "deep") return [{ start: 0, end: text.length, text: replacement(pass, "unreadable", text) }];
		if (tree !== "broken") return treeEdits(pass, tree, place, level + 1, undefined);
	}
	return plainEdits(pass, text, place.within);
}

function plainEdits(pass: Pass, text: string, within: Profile | undefined): readonly Edit[] {
	const { on } = pass.rules;
	const quoted = within === undefined ? [] : findQuotedInput(text);
	const inUri = on.uri && isUri(text) ? besideSpans(quoted, findInUri(text)) : [];
	const known = mergeSpans([...quoted, ...inUri]);
	const shaped = on.patterns && isSuspicious(text) ? besideSpans(known, findCredentials(text)) : [];
	return [
		...(within === undefined ? [] : editsFor(pass, text, quoted, within.preset)),
		...editsFor(pass, text, inUri, "uri"),
		...editsFor(pass, text, shaped, "patterns"),
	];
}

function editsFor(pass: Pass, text: string, spans: readonly Span[], rule: Rule): readonly Edit[] {
	return spans.map(({ start, end }) => ({ start, end, text: replacement(pass, rule, text.slice(start, end)) }));
}
