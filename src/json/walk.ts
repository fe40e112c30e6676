/**
 * Reads the text of one JSON value into a tree of places, so that rules can look at values and replace them where they stand.
 * Nothing is copied: a node is a row of numbers that say where its text lies.
 */

import * as jsonBytes from "./bytes.ts";
import { bufferOf, isSpace } from "./scan.ts";

// Of the module itself: imported constants would be read anew for each byte, which costs a tenth of the speed.
const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } = jsonBytes;

export interface Tree {
	readonly text: string;
	/** One character of `text` is one byte of UTF-8 (latin1), so that places in it are places in the bytes. */
	readonly isBytes: boolean;
	/** Rows of `STRIDE` numbers, in the order of the text; a container's first child is the next row. */
	readonly rows: Int32Array;
}

/** A row of the tree. `ROOT` is the value itself. */
export type Node = number;
export const ROOT: Node = 0;
/** No such node. */
export const NONE: Node = -1;

/** "broken": no valid JSON. "deep": nested deeper than allowed. Whoever must not leak treats either as unreadable. */
export type Fault = "broken" | "deep";

export type NodeType = "object" | "array" | "string" | "scalar";

/** Nesting that `readTree` follows: schemas of custom resources reach about 80. It also bounds the recursion of those who visit. */
export const TREE_DEPTH_MAX = 256;

const STRIDE = 6;
const [START, END, KEY_START, KEY_END, NEXT, SHAPE] = [0, 1, 2, 3, 4, 5] as const;
const TYPES: readonly NodeType[] = ["object", "array", "string", "scalar"];
const [OBJECT, ARRAY, STRING, SCALAR] = [0, 1, 2, 3] as const;
const TYPE_BITS = 3;
/** The text of the string, or of the key, is its value. */
const PLAIN = 4;
const PLAIN_KEY = 8;
const FILLED = 16;

interface Reader {
	readonly text: string;
	readonly isBytes: boolean;
	at: number;
	rows: Int32Array;
	count: number;
	depth: number;
	isDeep: boolean;
}

/** The bytes as text of which each character is a byte: what `readTree` takes as bytes, cheap to make. */
export function latin1Of(bytes: Uint8Array): string {
	return bufferOf(bytes).toString("latin1");
}

/** The tree of one JSON value. `text` is what `latin1Of` gives, or (not `isBytes`) any string. Repeated keys are nodes each. */
export function readTree(text: string, isBytes: boolean): Tree | Fault {
	const rows = new Int32Array(STRIDE * Math.max(16, text.length >> 5));
	const reader: Reader = { text, isBytes, at: 0, rows, count: 0, depth: 0, isDeep: false };
	skipBlank(reader);
	const isRead = readValue(reader, addRow(reader, NONE, NONE, 0));
	skipBlank(reader);
	if (!isRead || reader.at !== text.length) return reader.isDeep ? "deep" : "broken";
	return { text, isBytes, rows: reader.rows };
}

function addRow(reader: Reader, keyStart: number, keyEnd: number, shape: number): Node {
	const node = reader.count++;
	const at = node * STRIDE;
	if (at + STRIDE > reader.rows.length) {
		const wider = new Int32Array(reader.rows.length * 2);
		wider.set(reader.rows);
		reader.rows = wider;
	}
	const { rows } = reader;
	rows[at + START] = reader.at;
	rows[at + KEY_START] = keyStart;
	rows[at + KEY_END] = keyEnd;
	rows[at + NEXT] = NONE;
	rows[at + SHAPE] = shape;
	return node;
}

function readValue(reader: Reader, node: Node): boolean {
	const row = node * STRIDE;
	const code = reader.text.charCodeAt(reader.at);
	let shape: number;
	if (code === QUOTE) {
		const plain = readQuoted(reader);
		if (plain < 0) return false;
		shape = STRING | plain;
	} else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
		const filled = readContainer(reader, code === OPEN_BRACE);
		if (filled < 0) return false;
		shape = (code === OPEN_BRACE ? OBJECT : ARRAY) | filled;
	} else {
		if (!readScalar(reader)) return false;
		shape = SCALAR;
	}
	reader.rows[row + END] = reader.at;
	reader.rows[row + SHAPE] = (reader.rows[row + SHAPE] as number) | shape;
	return true;
}

/** FILLED, 0 for an empty container, or NONE for a fault. */
function readContainer(reader: Reader, isObject: boolean): number {
	if (++reader.depth > TREE_DEPTH_MAX) {
		reader.isDeep = true;
		return NONE;
	}
	const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
	reader.at++;
	skipBlank(reader);
	let filled = 0;
	if (reader.text.charCodeAt(reader.at) === close) reader.at++;
	else if (readChildren(reader, isObject, close)) filled = FILLED;
	else return NONE;
	reader.depth--;
	return filled;
}

function readChildren(reader: Reader, isObject: boolean, close: number): boolean {
	let previous = NONE;
	for (;;) {
		const child = isObject ? addMember(reader) : addRow(reader, NONE, NONE, 0);
		if (child === NONE || !readValue(reader, child)) return false;
		if (previous !== NONE) reader.rows[previous * STRIDE + NEXT] = child;
		previous = child;
		skipBlank(reader);
		const code = reader.text.charCodeAt(reader.at++);
		if (code === close) return true;
		if (code !== COMMA) return false;
		skipBlank(reader);
	}
}

function addMember(reader: Reader): Node {
	const keyStart = reader.at;
	if (reader.text.charCodeAt(keyStart) !== QUOTE) return NONE;
	const plain = readQuoted(reader);
	if (plain < 0) return NONE;
	const keyEnd = reader.at;
	skipBlank(reader);
	if (reader.text.charCodeAt(reader.at++) !== COLON) return NONE;
	skipBlank(reader);
	return addRow(reader, keyStart, keyEnd, plain === PLAIN ? PLAIN_KEY : 0);
}

/** Goes behind the string: PLAIN if it has neither escapes nor characters of several bytes, else 0; NONE if it is none. */
function readQuoted(reader: Reader): number {
	const { text, isBytes } = reader;
	let plain = PLAIN;
	for (let at = reader.at + 1; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) {
			reader.at = at + 1;
			return plain;
		}
		if (code < 0x20) return NONE;
		if (code === BACKSLASH) {
			const size = escapeSize(text, at);
			if (size === 0) return NONE;
			at += size - 1;
			plain = 0;
		} else if (code > 0x7f && isBytes) plain = 0;
	}
	return NONE;
}

const HEX4 = /^[0-9a-fA-F]{4}$/;

/** Characters of the escape at `at`; 0 if JSON has no such escape. */
function escapeSize(text: string, at: number): number {
	const letter = text[at + 1] ?? "";
	if (letter === "u") return HEX4.test(text.slice(at + 2, at + 6)) ? 6 : 0;
	return letter !== "" && '"\\/bfnrt'.includes(letter) ? 2 : 0;
}

const SCALAR_TEXT = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;

function readScalar(reader: Reader): boolean {
	const { text, at: start } = reader;
	let at = start;
	while (at < text.length && !endsScalar(text.charCodeAt(at))) at++;
	reader.at = at;
	return SCALAR_TEXT.test(text.slice(start, at));
}

function endsScalar(code: number): boolean {
	return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code);
}

function skipBlank(reader: Reader): void {
	while (isSpace(reader.text.charCodeAt(reader.at))) reader.at++;
}

function cell(tree: Tree, node: Node, column: number): number {
	return tree.rows[node * STRIDE + column] as number;
}

export function typeOf(tree: Tree, node: Node): NodeType {
	return TYPES[cell(tree, node, SHAPE) & TYPE_BITS] as NodeType;
}

/** Where the value's text begins. */
export function startOf(tree: Tree, node: Node): number {
	return cell(tree, node, START);
}

/** Where the value's text has ended. */
export function endOf(tree: Tree, node: Node): number {
	return cell(tree, node, END);
}

/** Where the member's key begins, quote included. */
export function keyStartOf(tree: Tree, node: Node): number {
	return cell(tree, node, KEY_START);
}

/** The first member or element, or NONE. */
export function firstOf(tree: Tree, node: Node): Node {
	return (cell(tree, node, SHAPE) & FILLED) === 0 ? NONE : node + 1;
}

/** The member or element after this one, or NONE. */
export function nextOf(tree: Tree, node: Node): Node {
	return cell(tree, node, NEXT);
}

/** The member's key, escapes resolved; "" for what is no member. */
export function keyOf(tree: Tree, node: Node): string {
	const start = cell(tree, node, KEY_START);
	if (start < 0) return "";
	return stringAt(tree, start, cell(tree, node, KEY_END), (cell(tree, node, SHAPE) & PLAIN_KEY) !== 0);
}

/** The string's value, escapes resolved; undefined for what is no string. */
export function stringOf(tree: Tree, node: Node): string | undefined {
	const shape = cell(tree, node, SHAPE);
	if ((shape & TYPE_BITS) !== STRING) return undefined;
	return stringAt(tree, cell(tree, node, START), cell(tree, node, END), isPlain(tree, node));
}

/** Whether places in the string's value are places in the text, one to one. */
export function isPlain(tree: Tree, node: Node): boolean {
	return (cell(tree, node, SHAPE) & PLAIN) !== 0;
}

/** The value's exact text. */
export function textAt(tree: Tree, node: Node): string {
	const text = tree.text.slice(cell(tree, node, START), cell(tree, node, END));
	return tree.isBytes ? Buffer.from(text, "latin1").toString("utf8") : text;
}

function stringAt(tree: Tree, start: number, end: number, isPlainText: boolean): string {
	if (isPlainText) return tree.text.slice(start + 1, end - 1);
	const quoted = tree.text.slice(start, end);
	return JSON.parse(tree.isBytes ? Buffer.from(quoted, "latin1").toString("utf8") : quoted) as string;
}
