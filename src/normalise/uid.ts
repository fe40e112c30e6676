/** The deterministic id of an event: equal for a redelivery of the same record, different for a forgery. */

import { createHmac, hash } from "node:crypto";
import { rememberTexts } from "../json/remember.ts";

const SEPARATOR = "\0";

/**
 * UUIDv8 of SHA-256(clusterKey, 0x00, identity); with `identityKey` of HMAC-SHA-256 over the same,
 * for those to whom a hash of low-entropy content is a leak. Lower case, with hyphens.
 */
export function uidOf(clusterKey: string, identity: Uint8Array, identityKey?: string): string {
	const input = inputOf(keyBytesOf(clusterKey), identity);
	return uuidOf(identityKey === undefined ? hash("sha256", input, "hex") : createHmac("sha256", identityKey).update(input).digest("hex"));
}

/** Memory for what is hashed: a buffer for each event would cost as much as its hash. */
const INPUT = Buffer.alloc(64 * 1024);
const KEYS_MAX = 64;

const keyBytesOf = rememberTexts((clusterKey) => Buffer.from(clusterKey + SEPARATOR), KEYS_MAX);

/** Both, one after the other; good until the next call. */
function inputOf(keyBytes: Uint8Array, identity: Uint8Array): Uint8Array {
	const size = keyBytes.length + identity.length;
	const input = size > INPUT.length ? Buffer.allocUnsafe(size) : INPUT;
	input.set(keyBytes);
	input.set(identity, keyBytes.length);
	return input.subarray(0, size);
}

/** The variant, 10, in the place of a digit's upper two bits. */
const VARIANT: ReadonlyMap<string, string> = new Map(
	Array.from({ length: 16 }, (_, digit) => [digit.toString(16), ((digit & 0x3) | 0x8).toString(16)]),
);

/** RFC 9562: version 8 (custom) and variant 10 stand in the place of the 13th digit and a part of the 17th. */
function uuidOf(hex: string): string {
	const variant = VARIANT.get(hex.charAt(16));
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
