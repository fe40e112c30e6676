/** Of a key that an object says twice the last member counts, as for JSON.parse, at the place of the first. */

import { type Member, scanObject, textOf } from "../json/scan.ts";

/** The members that count. */
export function lastOfEach(members: readonly Member[]): readonly Member[] {
	const last = new Map(members.map((member) => [member.key, member]));
	return last.size === members.length ? members : [...last.values()];
}

/** The text of the valid object `text`, of only the members that count. */
export function withoutRepeated(text: Uint8Array): Uint8Array {
	return objectOf(textsOf(text, lastOfEach(scanObject(text).members)));
}

/** The members' texts, keys included. */
export function textsOf(text: Uint8Array, members: readonly Member[]): string[] {
	return members.map(({ keyStart, end }) => textOf(text, keyStart, end));
}

/** The text of an object of these members. */
export function objectOf(texts: readonly string[]): Uint8Array {
	return Buffer.from(`{${texts.join(",")}}`, "utf8");
}
