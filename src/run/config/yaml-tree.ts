/** Reads YAML into plain values that know where in the file they stand, within bounds that no alias can break. */

import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Document as Parsed, parseDocument } from "yaml";
import { printable } from "../printable.ts";
import { type Position, TOO_DEEP, type YamlFault, yamlFaults } from "./yaml-fault.ts";

interface Placed {
	readonly at: Position;
}

export type TreeNode = TreeScalar | TreeMap | TreeList;

export interface TreeScalar extends Placed {
	readonly kind: "scalar";
	readonly value: Scalar;
	/** As it is written in the file, before YAML made a number of it. */
	readonly source: string;
}

interface TreeMap extends Placed {
	readonly kind: "map";
	readonly entries: ReadonlyMap<string, TreeEntry>;
}

interface TreeEntry {
	readonly keyAt: Position;
	readonly node: TreeNode;
}

interface TreeList extends Placed {
	readonly kind: "list";
	readonly items: readonly TreeNode[];
}

type Scalar = string | number | boolean | null;
export type Path = readonly (string | number)[];

/** No `root` without a fault, unless the file says nothing. */
export interface Tree {
	readonly root: TreeNode | undefined;
	readonly faults: readonly YamlFault[];
}

const NODES_MAX = 50_000;
const DEPTH_MAX = 64;
/** Finding what an alias stands for takes a walk through the document. */
const ALIASES_MAX = 100;
const KEY_CHARS_SHOWN = 60;
const START: Position = { line: 1, column: 1 };

/** Never throws. Of a key that is given twice, the first is taken, and the other a fault; what goes beyond the bounds is no tree at all. */
export function readTree(text: string): Tree {
	const lines = new LineCounter();
	const positionOf = (offset: number): Position => {
		const { line, col } = lines.linePos(offset);
		return { line: Math.max(1, line), column: Math.max(1, col) };
	};
	const document = parsed(text, lines);
	if (document === undefined) return { root: undefined, faults: [{ at: START, text: TOO_DEEP }] };
	const faults = yamlFaults(document, text, positionOf);
	if (faults.length > 0 || document.contents === null) return { root: undefined, faults };
	const reading: Reading = { document, positionOf, nodes: 0, aliases: 0, faults: [], isStopped: false };
	const root = readNode(reading, document.contents, START, 0);
	return { root: reading.isStopped ? undefined : root, faults: reading.faults };
}

function parsed(text: string, lineCounter: LineCounter): Parsed.Parsed | undefined {
	try {
		// Repeated keys are looked for below: the library compares each with each.
		return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, uniqueKeys: false, resolveKnownTags: false });
	} catch {
		return undefined;
	}
}

interface Reading {
	readonly document: Parsed.Parsed;
	readonly positionOf: (offset: number) => Position;
	nodes: number;
	aliases: number;
	readonly faults: YamlFault[];
	/** A bound is reached: nothing more is read. */
	isStopped: boolean;
}

function readNode(reading: Reading, node: unknown, nearby: Position, depth: number): TreeNode {
	const at = positionAt(reading, node) ?? nearby;
	if (depth > DEPTH_MAX) return stopped(reading, at, TOO_DEEP);
	if (++reading.nodes > NODES_MAX) return stopped(reading, at, "more values than any settings need; do aliases (*name) multiply them?");
	if (isAlias(node)) return readAlias(reading, node, at, depth);
	if (isMap(node)) return { kind: "map", at, entries: readEntries(reading, node.items, at, depth) };
	if (isSeq(node)) return { kind: "list", at, items: readItems(reading, node.items, at, depth) };
	const value: unknown = isScalar(node) ? node.value : null;
	if (!isPlain(value)) return stopped(reading, at, "only text, numbers, true, false, lists and maps can stand here");
	return { kind: "scalar", at, value, source: (isScalar(node) ? node.source : undefined) ?? String(value) };
}

function positionAt(reading: Reading, node: unknown): Position | undefined {
	return isNode(node) && node.range != null ? reading.positionOf(node.range[0]) : undefined;
}

function isPlain(value: unknown): value is Scalar {
	return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function stopped(reading: Reading, at: Position, text: string): TreeNode {
	if (!reading.isStopped) reading.faults.push({ at, text });
	reading.isStopped = true;
	return { kind: "scalar", at, value: null, source: "" };
}

function readAlias(reading: Reading, alias: Alias, at: Position, depth: number): TreeNode {
	if (++reading.aliases > ALIASES_MAX) return stopped(reading, at, `more than ${ALIASES_MAX} aliases (*name)`);
	const target = alias.resolve(reading.document);
	return target === undefined
		? stopped(reading, at, "an alias (*name) without an anchor (&name) before it")
		: readNode(reading, target, at, depth + 1);
}

function readItems(reading: Reading, items: readonly unknown[], at: Position, depth: number): readonly TreeNode[] {
	const read: TreeNode[] = [];
	for (const item of items) {
		if (reading.isStopped) break;
		read.push(readNode(reading, item, at, depth + 1));
	}
	return read;
}

function readEntries(
	reading: Reading,
	pairs: readonly { readonly key: unknown; readonly value: unknown }[],
	at: Position,
	depth: number,
): ReadonlyMap<string, TreeEntry> {
	const entries = new Map<string, TreeEntry>();
	for (const pair of pairs) {
		if (reading.isStopped) break;
		const keyAt = positionAt(reading, pair.key) ?? at;
		const key = isScalar(pair.key) ? String(pair.key.value ?? "") : "";
		const fault = faultOfKey(key, entries.get(key));
		if (fault === undefined) entries.set(key, { keyAt, node: readNode(reading, pair.value, keyAt, depth + 1) });
		else reading.faults.push({ at: keyAt, text: fault });
	}
	return entries;
}

function faultOfKey(key: string, earlier: TreeEntry | undefined): string | undefined {
	if (key === "") return "a key is missing, or is no text";
	if (key === "__proto__") return "__proto__ cannot be a key";
	return earlier && `${printable(key, KEY_CHARS_SHOWN)}: given twice, first in line ${earlier.keyAt.line}`;
}
