/** Replaces ranges of JSON text and removes members from it; every other byte stays as it was. */

import { BACKSLASH } from "./bytes.ts";
import { endOf, firstOf, isPlain, keyStartOf, NONE, type Node, nextOf, startOf, stringOf, type Tree } from "./walk.ts";

/** `text.slice(start, end)` becomes `text`, which is ASCII. */
export interface Edit {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

/** The text with the edits made. Where edits overlap, all that any of them covers is gone. */
export function editText(text: string, edits: readonly Edit[]): string {
	if (edits.length === 0) return text;
	let at = 0;
	let edited = "";
	for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
		if (edit.start >= at) edited += text.slice(at, edit.start) + edit.text;
		at = Math.max(at, edit.end);
	}
	return edited + text.slice(at);
}

/** The same for text that `latin1Of` made of bytes: bytes again, of which all that no edit covers are as they were. */
export function editBytes(text: string, edits: readonly Edit[]): Uint8Array {
	return Buffer.from(editText(text, edits), "latin1");
}

/** Edits inside a string's value, as edits of the text that the string stands in. */
export function editsInString(tree: Tree, node: Node, edits: readonly Edit[]): Edit[] {
	const places = isPlain(tree, node) ? undefined : placesOf(tree, node);
	const place = (index: number): number => (places === undefined ? startOf(tree, node) + 1 + index : (places[index] as number));
	return edits.map((edit) => ({ start: place(edit.start), end: place(edit.end), text: JSON.stringify(edit.text).slice(1, -1) }));
}

/** For each character (UTF-16 unit) of the string's value, where its text begins; one more for the end. */
function placesOf(tree: Tree, node: Node): Uint32Array {
	const { text, isBytes } = tree;
	const places = new Uint32Array((stringOf(tree, node)?.length ?? 0) + 1);
	const end = endOf(tree, node) - 1;
	let count = 0;
	for (let at = startOf(tree, node) + 1; at < end; ) {
		const code = text.charCodeAt(at);
		places[count++] = at;
		if (code === BACKSLASH) at += text[at + 1] === "u" ? 6 : 2;
		else if (!isBytes || code < 0xc0) at += 1;
		else if (code < 0xf0) at += code < 0xe0 ? 2 : 3;
		else {
			// Four bytes of UTF-8 are two UTF-16 units; nothing is ever cut between them.
			places[count++] = at;
			at += 4;
		}
	}
	places[places.length - 1] = end;
	return places;
}

/** Edits that remove the members of the object for which `isRemoved` holds, each with its comma. */
export function removals(tree: Tree, object: Node, isRemoved: (member: Node) => boolean): Edit[] {
	const edits: Edit[] = [];
	let kept = NONE;
	let open: Node = NONE;
	let last: Node = NONE;
	for (let member = firstOf(tree, object); member !== NONE; member = nextOf(tree, member)) {
		const isGone = isRemoved(member);
		if (isGone && open === NONE) open = member;
		if (!isGone && open !== NONE) edits.push({ start: keyStartOf(tree, open), end: keyStartOf(tree, member), text: "" });
		if (!isGone) [kept, open] = [member, NONE];
		last = member;
	}
	if (open === NONE) return edits;
	const start = kept === NONE ? keyStartOf(tree, open) : endOf(tree, kept);
	return [...edits, { start, end: endOf(tree, last), text: "" }];
}
