/** Looks things up in a settings file that was read: plain values, places, and what may be shown of them. */

import { isCredentialName } from "../../policy/credential-name.ts";
import { findCredentials } from "../../policy/credential-text.ts";
import { printable } from "../printable.ts";
import { type Expanded, hasReference } from "./references.ts";
import type { Position } from "./yaml-fault.ts";
import type { Path, TreeNode, TreeScalar } from "./yaml-tree.ts";

/** Text of the file -> what its references name. */
export type Expansions = ReadonlyMap<string, Expanded>;

export type PlainValue = string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** A value as it is checked: with references replaced, where that could be done. */
export function plainOf(node: TreeNode, expansions: Expansions): PlainValue {
	switch (node.kind) {
		case "list":
			return node.items.map((item) => plainOf(item, expansions));
		case "map":
			return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry.node, expansions)]));
		case "scalar": {
			const expanded = typeof node.value === "string" ? expansions.get(node.value) : undefined;
			return expanded !== undefined && "text" in expanded ? expanded.text : node.value;
		}
	}
}

/** Every scalar, with its path. */
export function* scalarsOf(node: TreeNode, path: Path = []): Generator<readonly [Path, TreeScalar]> {
	if (node.kind === "scalar") yield [path, node];
	if (node.kind === "list") for (const [i, item] of node.items.entries()) yield* scalarsOf(item, [...path, i]);
	if (node.kind === "map") for (const [key, entry] of node.entries) yield* scalarsOf(entry.node, [...path, key]);
}

export interface Found {
	/** Undefined: nothing is there; then `at` is where the nearest thing above it begins. */
	readonly node: TreeNode | undefined;
	readonly at: Position;
	readonly keyAt: Position;
}

export function find(root: TreeNode, path: Path): Found {
	let node = root;
	let keyAt = root.at;
	for (const step of path) {
		const entry = node.kind === "map" ? node.entries.get(String(step)) : undefined;
		const next = node.kind === "list" ? node.items[Number(step)] : entry?.node;
		if (next === undefined) return { node: undefined, at: keyAt, keyAt };
		keyAt = entry?.keyAt ?? next.at;
		node = next;
	}
	return { node, at: node.at, keyAt };
}

/** "sources[0].labels.team"; keys that are no words are quoted. */
export function pathText(path: Path): string {
	return path.reduce<string>((text, step) => {
		if (typeof step === "number") return `${text}[${step}]`;
		const key = /^[\w-]{1,60}$/.test(step) ? step : JSON.stringify(printable(step, KEY_CHARS_SHOWN));
		return text === "" ? key : `${text}.${key}`;
	}, "");
}

/** Whether a credential is expected there: neither is it shown, nor may it stand in the file. Labels are for everybody to see. */
export function isSecretPlace(path: Path): boolean {
	const key = path.findLast((step) => typeof step === "string");
	return typeof key === "string" && (key === "identityKey" || isCredentialName(key)) && !path.includes("labels");
}

/** What stands there, for "found ..."; nothing of a secret. */
export function foundText(path: Path, node: TreeNode | undefined): string {
	if (node?.kind === "list") return "a list";
	if (node?.kind === "map") return "a map";
	if (node === undefined || node.value === null) return "nothing";
	const { value } = node;
	if (typeof value === "string" && hasReference(value)) return "what a reference names";
	if (isSecretPlace(path)) return typeof value === "string" ? "text" : `a ${typeof value}`;
	if (typeof value === "string") return shownText(value);
	return typeof value === "number" ? `the number ${printable(node.source, VALUE_CHARS_SHOWN)}` : String(value);
}

function shownText(value: string): string {
	return findCredentials(value).length > 0 ? "text" : JSON.stringify(printable(value, VALUE_CHARS_SHOWN));
}

const KEY_CHARS_SHOWN = 60;
const VALUE_CHARS_SHOWN = 60;
