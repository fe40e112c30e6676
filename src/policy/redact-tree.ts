/** Redaction of parsed JSON: finds what the rules name among the members of objects, and collects edits of the text. */

import { endOf, firstOf, keyOf, NONE, type Node, nextOf, ROOT, startOf, stringOf, type Tree, textAt, typeOf } from "../json/walk.ts";
import { type Edit, editsInString } from "../json/walk-edit.ts";
import { isCredentialMember, isCredentialName, isHarmless } from "./credential-name.ts";
import { findCredentials } from "./credential-text.ts";
import { isMark } from "./mark.ts";
import { isEnvValuePointer, isLastApplied, lastKeyOf } from "./member-rules.ts";
import { type Pass, type Rule, replacement, verdictOf } from "./pass.ts";
import { type Keep, type Keeps, PATCH_KEEPS, type Profile, profileOfKind, STATUS_KEEPS } from "./profiles.ts";

/** One JSON text on its way through the rules. */
export interface Scope {
	readonly pass: Pass;
	readonly tree: Tree;
	/** Where the value at hand stands in the event; grows and shrinks with the visit. */
	readonly path: (string | number)[];
	readonly edits: Edit[];
	/** The text belongs to an object that holds secrets by its nature. */
	readonly within: Profile | undefined;
	/** The text is a body: its root is an object of the kind that it says, and no reference to one. */
	readonly isBody: boolean;
	/** Redacts a string's value: JSON inside it, or plain text. */
	readonly inString: (value: string, scope: Scope) => readonly Edit[];
}

/** A member's or element's turn. */
type Visit = (child: Node, key: string) => void;

/** Redacts the text of a tree; `profile` is set if the root is an object of that sort. */
export function redactTree(scope: Scope, profile: Profile | undefined): readonly Edit[] {
	if (profile === undefined) visit(scope, ROOT);
	else visitSensitive(scope, ROOT, profile);
	return scope.edits;
}

function visit(scope: Scope, node: Node): void {
	const type = typeOf(scope.tree, node);
	if (type === "string") visitString(scope, node);
	else if (type === "object") visitObject(scope, node);
	else if (type === "array") visitArray(scope, node);
}

function visitString(scope: Scope, node: Node): void {
	const edits = scope.inString(stringOf(scope.tree, node) as string, scope);
	if (edits.length > 0) addInString(scope, node, edits);
}

function addInString(scope: Scope, node: Node, edits: readonly Edit[]): void {
	for (const edit of editsInString(scope.tree, node, edits)) scope.edits.push(edit);
}

/** Goes to each child to which the user's own paths do not apply. */
function eachChild(scope: Scope, node: Node, visitChild: Visit): void {
	const isObject = typeOf(scope.tree, node) === "object";
	let index = 0;
	for (let child = firstOf(scope.tree, node); child !== NONE; child = nextOf(scope.tree, child)) {
		const key = keyOf(scope.tree, child);
		scope.path.push(isObject ? key : index++);
		const verdict = verdictOf(scope.pass, scope.path);
		if (verdict === "redact") replace(scope, child, "paths");
		else if (verdict === undefined) visitChild(child, key);
		scope.path.pop();
	}
}

/** What an object's members say about one another. A repeated key counts each time. */
interface Facts {
	profile: Profile | undefined;
	/** It has members that only manifests have, and is no mere reference to an object of its kind. */
	isManifest: boolean;
	hasName: boolean;
	hasCredentialName: boolean;
	isPatch: boolean;
	/** What a JSON pointer in it leads to. */
	pointsToLastApplied: boolean;
	pointsToCredential: boolean;
}

const MANIFEST_KEYS = new Set(["data", "stringData", "binaryData", "spec", "status", "items"]);

function factsOf({ tree, pass }: Scope, node: Node): Facts {
	const facts: Facts = {
		profile: undefined,
		isManifest: false,
		hasName: false,
		hasCredentialName: false,
		isPatch: false,
		pointsToLastApplied: false,
		pointsToCredential: false,
	};
	for (let member = firstOf(tree, node); member !== NONE; member = nextOf(tree, member)) {
		const key = keyOf(tree, member);
		if (MANIFEST_KEYS.has(key)) facts.isManifest = true;
		else if (key === "kind") facts.profile = enabled(pass, profileOfKind(stringOf(tree, member) ?? "")) ?? facts.profile;
		else if (key === "op") facts.isPatch = true;
		else if (key === "path") notePointer(facts, stringOf(tree, member) ?? "");
		else if (key === "name" || key === "key") {
			facts.hasName = true;
			facts.hasCredentialName ||= isCredentialName(stringOf(tree, member) ?? "");
		}
	}
	return facts;
}

function notePointer(facts: Facts, pointer: string): void {
	const key = lastKeyOf(pointer);
	facts.pointsToLastApplied ||= isLastApplied(key);
	facts.pointsToCredential ||= isEnvValuePointer(pointer) || isCredentialName(key);
}

function enabled({ rules }: Pass, profile: Profile | undefined): Profile | undefined {
	return profile !== undefined && rules.on[profile.preset] ? profile : undefined;
}

function visitObject(scope: Scope, node: Node): void {
	const facts = factsOf(scope, node);
	const profile = profileOf(scope, facts, node);
	if (profile === undefined) eachChild(scope, node, (child, key) => visitByRule(scope, child, memberRule(scope, facts, child, key)));
	else visitSensitive(scope, node, profile);
}

/** Whether the object itself, wherever it stands, is one that holds secrets by its nature. */
function profileOf({ within, isBody }: Scope, { profile, isManifest }: Facts, node: Node): Profile | undefined {
	if (profile !== undefined && (isManifest || (isBody && node === ROOT))) return profile;
	return isManifest && node === ROOT ? within : undefined;
}

function visitByRule(scope: Scope, child: Node, rule: Rule | undefined): void {
	if (rule === undefined) visit(scope, child);
	else if (rule === "env") replaceLeaves(scope, child, rule);
	else replace(scope, child, rule);
}

/** The rule by which this member's value is to be replaced. */
function memberRule(scope: Scope, facts: Facts, member: Node, key: string): Rule | undefined {
	const { on } = scope.pass.rules;
	const { within } = scope;
	if (isLastApplied(key) && (within !== undefined || on["last-applied"])) return within?.preset ?? "last-applied";
	if (facts.isPatch && key === "value") {
		if (within !== undefined) return within.preset;
		if (facts.pointsToLastApplied && on["last-applied"]) return "last-applied";
		if (facts.pointsToCredential && on.env && stringOf(scope.tree, member) !== undefined) return "env";
	}
	return on.env && isCredential(scope, facts, member, key) ? "env" : undefined;
}

function isCredential({ tree }: Scope, facts: Facts, member: Node, key: string): boolean {
	const text = stringOf(tree, member);
	if (key === "value" && facts.hasName) {
		if (facts.hasCredentialName) return true;
		return text !== undefined && findCredentials(text).length > 0;
	}
	if (text !== undefined) return isCredentialMember(key, text);
	return typeOf(tree, member) === "array" && isCredentialName(key) && holdsStrings(tree, member);
}

function holdsStrings(tree: Tree, array: Node): boolean {
	const first = firstOf(tree, array);
	return first !== NONE && typeOf(tree, first) === "string";
}

/** `--password=x`, `PASSWORD=x`; the whole of an element is one such assignment. */
const ASSIGNMENT = /^(-{0,2}[A-Za-z_][\w.-]*)=/;
const FLAG = /^--?[A-Za-z][\w.-]*$/;

/** Arguments of a command: a flag may take its value from the next element. */
function visitArray(scope: Scope, node: Node): void {
	let takesNext = false;
	eachChild(scope, node, (child) => {
		const text = scope.pass.rules.on.env ? stringOf(scope.tree, child) : undefined;
		if (text === undefined) visit(scope, child);
		else if (takesNext && !text.startsWith("-")) replaceLeaves(scope, child, "env");
		else visitArgument(scope, child, text);
		takesNext = text !== undefined && FLAG.test(text) && isCredentialName(text);
	});
}

function visitArgument(scope: Scope, node: Node, text: string): void {
	const name = ASSIGNMENT.exec(text)?.[1];
	if (name !== undefined && isCredentialMember(name, text.slice(name.length + 1))) replaceTail(scope, node, text, name.length + 1);
	else visitString(scope, node);
}

function replaceTail(scope: Scope, node: Node, text: string, start: number): void {
	const edit = { start, end: text.length, text: replacement(scope.pass, "env", text.slice(start)) };
	addInString(scope, node, [edit]);
}

/** An object that holds secrets by its nature, a patch of one, or a list of either. */
function visitSensitive(scope: Scope, node: Node, profile: Profile): void {
	const type = typeOf(scope.tree, node);
	const inside = scope.within === profile ? scope : { ...scope, within: profile };
	if (type === "array") eachChild(inside, node, (child) => visitSensitive(inside, child, profile));
	else if (type !== "object") replaceLeaves(inside, node, profile.preset);
	else visitKept(inside, node, keepsFor(inside, node, profile), profile);
}

function keepsFor({ tree }: Scope, node: Node, profile: Profile): Keeps {
	for (let member = firstOf(tree, node); member !== NONE; member = nextOf(tree, member)) {
		const key = keyOf(tree, member);
		if (key === "op") return PATCH_KEEPS;
		if (key === "kind" && stringOf(tree, member) === "Status") return STATUS_KEEPS;
	}
	return profile.keeps;
}

function visitKept(scope: Scope, node: Node, keep: Keep | undefined, profile: Profile): void {
	const type = typeOf(scope.tree, node);
	if (keep === "tree") visit(scope, node);
	else if (keep === "object") visitSensitive(scope, node, profile);
	else if (keep === undefined) replaceLeaves(scope, node, profile.preset);
	else if (type === "array" && keep !== "value")
		eachChild(scope, node, (child) => visitKept(scope, child, keep === "values" ? "value" : keep, profile));
	else if (type === "object" && (keep === "quote" || typeof keep === "object"))
		eachChild(scope, node, (child, key) => visitMember(scope, child, key, keep, profile));
	else if (type !== "object" && type !== "array" && typeof keep === "string") visit(scope, node);
	else replaceLeaves(scope, node, profile.preset);
}

function visitMember(scope: Scope, child: Node, key: string, keep: Keeps | "quote", profile: Profile): void {
	if (keep === PATCH_KEEPS && key === "value") replace(scope, child, profile.preset);
	else visitKept(scope, child, keep === "quote" ? keep : keep.get(key), profile);
}

/** What AKS writes instead of a body that is too large (release notes 2022-08-14): no secret, and worth knowing. */
const SKIPPED = "skipped-too-big-size-object";

/** Replaces every single value at and below the node; nothing (null, "") stays nothing. */
function replaceLeaves(scope: Scope, node: Node, rule: Rule): void {
	const type = typeOf(scope.tree, node);
	if (type === "object" || type === "array") eachChild(scope, node, (child) => replaceLeaves(scope, child, rule));
	else if (!staysAsLeaf(scope, node, rule)) replace(scope, node, rule);
}

function staysAsLeaf({ tree }: Scope, node: Node, rule: Rule): boolean {
	const text = stringOf(tree, node) ?? textAt(tree, node);
	return (rule === "env" && isHarmless(text)) || (node === ROOT && text === SKIPPED);
}

/** Replaces the whole value, whatever it is; nothing there (null, an empty string) stays nothing. */
function replace({ tree, pass, edits }: Scope, node: Node, rule: Rule): void {
	const text = stringOf(tree, node) ?? textAt(tree, node);
	if (text === "" || isMark(text) || (text === "null" && typeOf(tree, node) === "scalar")) return;
	edits.push({ start: startOf(tree, node), end: endOf(tree, node), text: JSON.stringify(replacement(pass, rule, text)) });
}
