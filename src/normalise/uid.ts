/** The deterministic id of an event: equal for a redelivery of the same record, different for a forgery. */

import { createHmac, hash } from "node:crypto";

const SEPARATOR = 0x00;
const UUID_BYTES = 16;

/**
 * UUIDv8 of SHA-256(clusterKey, 0x00, identity); with `identityKey` of HMAC-SHA-256 over the same,
 * for those to whom a hash of low-entropy content is a leak. Lower case, with hyphens.
 */
export function uidOf(clusterKey: string, identity: Uint8Array, identityKey?: string): string {
	const keyBytes = Buffer.byteLength(clusterKey);
	const input = Buffer.allocUnsafe(keyBytes + 1 + identity.length);
	input.write(clusterKey, "utf8");
	input[keyBytes] = SEPARATOR;
	input.set(identity, keyBytes + 1);
	const digest = identityKey === undefined ? hash("sha256", input, "buffer") : createHmac("sha256", identityKey).update(input).digest();
	return formatUuid(digest.subarray(0, UUID_BYTES));
}

/** RFC 9562, version 8 (custom), variant 10. */
function formatUuid(bytes: Buffer): string {
	bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
	bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
	const hex = bytes.toString("hex");
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
