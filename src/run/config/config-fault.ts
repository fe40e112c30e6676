/** What zod found wrong -> faults in words: what was expected, what was found, and what was probably meant. */

import { foundText } from "./config-tree.ts";
import { nearest } from "./nearest.ts";
import type { Path, TreeNode } from "./yaml-tree.ts";

export interface Fault {
	readonly path: Path;
	readonly text: string;
	/** It is the key that is wrong, not what stands under it. */
	readonly isKey?: boolean;
}

/** The members of a zod issue that are read. Those of a third-party connector may come from any version. */
export interface Issue {
	readonly path: readonly PropertyKey[];
	readonly message: string;
	readonly code?: string;
	readonly expected?: string;
	readonly values?: readonly unknown[];
	readonly keys?: readonly string[];
	readonly errors?: readonly (readonly Issue[])[];
	readonly issues?: readonly Issue[];
	readonly options?: readonly unknown[];
	readonly discriminator?: string;
	readonly format?: string;
	readonly origin?: string;
	readonly minimum?: number | bigint;
	readonly maximum?: number | bigint;
	readonly inclusive?: boolean;
}

export interface FaultContext {
	/** Where in the file the checked value stands. */
	readonly base: Path;
	/** Undefined: nothing is there. */
	nodeAt(path: Path): TreeNode | undefined;
	/** The keys that a map may have; none if that is not known. */
	keysAt(path: Path): readonly string[];
}

const KEYS_LISTED_MAX = 24;

const NOUNS: Readonly<Record<string, string>> = {
	string: "text",
	number: "a number",
	int: "a whole number",
	boolean: "true or false",
	array: "a list",
	object: "a map (key: value)",
	record: "a map (key: value)",
	guid: "a GUID, such as 11111111-2222-3333-4444-555555555555",
	uuid: "a UUID, such as 11111111-2222-4333-8444-555555555555",
	url: "an address, such as https://example.com",
};

export function faultsOf(issue: Issue, context: FaultContext): readonly Fault[] {
	const path = [...context.base, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
	if (issue.code === "invalid_key") return [{ path, text: `as a key, it ${issue.issues?.[0]?.message ?? "is not accepted"}`, isKey: true }];
	if (issue.code === "unrecognized_keys") return (issue.keys ?? []).map((key) => unknownKey(path, key, context));
	if (issue.code === "invalid_union" && issue.errors !== undefined && issue.errors.length > 0)
		return ofUnion(issue, issue.errors, path, context);
	return [{ path, text: textOf(issue, path, context.nodeAt(path)) }];
}

function unknownKey(path: Path, key: string, context: FaultContext): Fault {
	const known = context.keysAt(path);
	const meant = nearest(key, known);
	const hint = meant === undefined ? listed("; known here: ", known) : `; did you mean "${meant}"?`;
	return { path: [...path, key], text: `unknown key${hint}${textHint(key, context.nodeAt([...path, key]))}`, isKey: true };
}

/** `- stdout:` is a map to YAML, with nothing under its key. */
function textHint(key: string, node: TreeNode | undefined): string {
	return node?.kind === "scalar" && node.value === null ? `; if text was meant, put it in quotes: ${JSON.stringify(`${key}:`)}` : "";
}

function listed(before: string, words: readonly string[]): string {
	return words.length === 0 || words.length > KEYS_LISTED_MAX ? "" : `${before}${words.join(", ")}`;
}

/** The branch that was probably meant is the one whose type fits, with the fewest faults. */
function ofUnion(issue: Issue, branches: readonly (readonly Issue[])[], path: Path, context: FaultContext): readonly Fault[] {
	const fitting = branches.filter((branch) => !branch.some(isOfWholeType)).sort((a, b) => a.length - b.length);
	const inside = { ...context, base: path };
	if (fitting[0] !== undefined) return fitting[0].flatMap((inner) => faultsOf(inner, inside));
	const expected = [...new Set(branches.flatMap((branch) => branch.filter(isOfWholeType).map(expectation)))];
	const said = isOwnWords(issue) ? issue.message : `expected ${expected.join(" or ")}`;
	return [{ path, text: withFound(said, path, context.nodeAt(path)) }];
}

function isOfWholeType({ code, path }: Issue): boolean {
	return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

function expectation(issue: Issue): string {
	if (issue.code === "invalid_value") return (issue.values ?? []).map(String).join(", ");
	return NOUNS[issue.expected ?? ""] ?? issue.expected ?? "something else";
}

/** Whether a schema's author wrote the message. */
function isOwnWords({ message }: Issue): boolean {
	return !/^(?:Invalid|Too |Unrecognized|Required|Expected|String must|Number must|Array must)/.test(message);
}

function textOf(issue: Issue, path: Path, node: TreeNode | undefined): string {
	if (isOwnWords(issue)) return ofOwnWords(issue, path, node);
	switch (issue.code) {
		case "invalid_type":
			return `${withFound(`expected ${expectation(issue)}`, path, node)}${quoteHint(issue, node)}`;
		case "invalid_value":
		case "invalid_union":
			return ofChoice(issue, path, node);
		case "too_small":
			return withCount(atLeast(issue), path, node);
		case "too_big":
			return withCount(`expected at most ${issue.maximum}${unitOf(issue, issue.maximum)}`, path, node);
		case "invalid_format":
			return withFound(`expected ${NOUNS[issue.format ?? ""] ?? `text of another form (${issue.format ?? "unknown"})`}`, path, node);
		default:
			return withFound("not accepted", path, node);
	}
}

/** Authors write "expected ..." of what should be there, and else go on from what is: "is no Region". */
function ofOwnWords(issue: Issue, path: Path, node: TreeNode | undefined): string {
	const { message } = issue;
	if (node === undefined) return `missing; ${message}`;
	if (/^expected /.test(message)) return withFound(message, path, node);
	return issue.code === "custom" || node.kind !== "scalar" ? message : `${foundText(path, node)} ${message}`;
}

/** A hint, after a semicolon, stays at the end. */
function withFound(said: string, path: Path, node: TreeNode | undefined): string {
	if (node === undefined) return `missing; ${said}`;
	const [expected, ...hints] = said.split("; ");
	return [`${expected}, found ${foundText(path, node)}`, ...hints].join("; ");
}

/** Of a list, how many there are. */
function withCount(said: string, path: Path, node: TreeNode | undefined): string {
	return node?.kind === "list" ? `${said}, found ${node.items.length}` : withFound(said, path, node);
}

/** YAML takes 012 and true for a number and a switch where text was meant. */
function quoteHint({ expected }: Issue, node: TreeNode | undefined): string {
	const isMeantAsText = expected === "string" && node?.kind === "scalar" && node.value !== null;
	return isMeantAsText ? "; put it in quotes" : "";
}

function ofChoice(issue: Issue, path: Path, node: TreeNode | undefined): string {
	const choices = (issue.values ?? issue.options ?? []).map(String);
	const value = node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
	const meant = value === undefined ? undefined : nearest(value, choices);
	return `${withFound(`expected one of ${choices.join(", ")}`, path, node)}${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
}

function atLeast(issue: Issue): string {
	const { minimum, inclusive } = issue;
	if (issue.origin === "string" && minimum === 1) return "expected text that is not empty";
	return `expected ${inclusive === false ? "more than" : "at least"} ${minimum}${unitOf(issue, minimum)}`;
}

function unitOf({ origin }: Issue, count: number | bigint | undefined): string {
	const isOne = Number(count) === 1;
	if (origin === "string") return isOne ? " character" : " characters";
	if (origin === "array") return isOne ? " entry" : " entries";
	return "";
}
