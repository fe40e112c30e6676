/** For tests: what JSON is made of, and texts that were changed in one place. */

/** In any order they are mostly no JSON. */
export const TOKENS = ["{", "}", "[", "]", ",", ":", '"', "\\", "\\u0041", "\n", " ", "0", "-", "null", "\u0001"] as const;

/** The text with `token` in the place of so many of its characters. `where` may be any number. */
export function changedAt(text: string, where: number, removed: number, token: string): string {
	const at = where % (text.length + 1);
	return text.slice(0, at) + token + text.slice(at + removed);
}
