/** A JSON object in pieces: what many events have in common is one piece, made once, and so is its text. */

import type { JsonObject, RawJson } from "../contract/json.ts";
import { newTree, type Tree } from "./tree.ts";

/** "members" and "tree": some members of an object; "elements": some of an array; "object", "array" and "exact": one member, under the key. */
type Form = "members" | "tree" | "elements" | "object" | "array" | "exact";

/** Members of an object of the type T, or elements of an array of that type. Nobody changes it. */
export interface Piece<out T = unknown> {
	readonly form: Form;
	/** Of a piece that is one member; it needs no escapes. */
	readonly key: string;
	/** By the form: a plain object or array, pieces, or exact text. */
	readonly content: object;
	/** For whoever writes it: the JSON of it, without brackets and with a comma before it, once it is worth keeping. */
	bytes: Uint8Array | undefined;
	isWritten: boolean;
	/** Never there: tells the compiler what the piece makes. */
	readonly makes?: T;
}

/** Pieces in their order; those that are undefined are left out. */
export type Pieces = readonly (Piece | undefined)[];

/** What these pieces make together; of a piece that may be missing, its members may be, too. */
export type Joined<P extends Pieces> = P extends readonly [infer First, ...infer Rest extends Pieces]
	? Made<First> & Joined<Rest>
	: unknown;
type Made<P> = [P] extends [Piece<infer T>] ? T : [P] extends [Piece<infer T> | undefined] ? Partial<T> : never;

function piece(form: Form, key: string, content: object): Piece<never> {
	return { form, key, content, bytes: undefined, isWritten: false };
}

/** Members whose values are plain: strings, numbers, objects and arrays of such. */
export function members<T extends object>(values: T): Piece<T> {
	return piece("members", "", values);
}

/** Members whose values are anybody's: exact text may be among them. */
export function tree(values: JsonObject): Piece<JsonObject> {
	return piece("tree", "", values);
}

/** Elements that are plain. */
export function elements<E>(values: readonly E[]): Piece<readonly E[]> {
	return piece("elements", "", values);
}

/** A member that is an object. */
export function objectAt<K extends string, P extends Pieces>(key: K, ...pieces: P): Piece<{ readonly [_ in K]: Joined<P> }> {
	return piece("object", key, pieces);
}

/** A member that is an array. */
export function arrayAt<K extends string, E>(
	key: K,
	pieces: readonly (Piece<readonly E[]> | undefined)[],
): Piece<{ readonly [_ in K]: readonly E[] }> {
	return piece("array", key, pieces);
}

/** A member that is exact text. */
export function exactAt<K extends string>(key: K, value: RawJson): Piece<{ readonly [_ in K]: RawJson }> {
	return piece("exact", key, value);
}

/** A whole object. */
export function whole<P extends Pieces>(...pieces: P): Piece<Joined<P>> {
	return piece("object", "", pieces);
}

/** The object that the pieces of a whole make, with everything in its place. */
export function plainOf<T>({ content }: Piece<T>): T {
	const plain: Tree = newTree();
	for (const piece of content as Pieces) if (piece !== undefined) Object.assign(plain, membersOf(piece));
	return { ...plain } as T;
}

function membersOf(piece: Piece): object {
	const { form, key, content } = piece;
	if (form === "object") return { [key]: plainOf(piece) };
	if (form === "array") return { [key]: (content as Pieces).flatMap((piece) => (piece?.content as readonly unknown[] | undefined) ?? []) };
	return form === "exact" ? { [key]: content } : content;
}
