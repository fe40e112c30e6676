/** Reads the bytes of an HTTP answer within a bound, and puts errors into the one form that the SDK can read. */

import { isObject, parseOrNone } from "../../src/json/value.ts";

type Stream = AsyncIterable<Uint8Array | string> & { destroy?(): void };

/** All bytes of the stream; undefined if they are more: the rest is not waited for. Rejects with what breaks the stream. */
export async function readBounded(stream: unknown, bytesMax: number): Promise<Uint8Array | undefined> {
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	// Leaving the loop early closes the stream, and with it the connection.
	for await (const chunk of (stream ?? []) as Stream) {
		const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
		sizeBytes += bytes.length;
		if (sizeBytes > bytesMax) return undefined;
		chunks.push(bytes);
	}
	return Buffer.concat(chunks);
}

/** The body of an error. Proxies answer in HTML, on which the SDK breaks: then something is said in the service's manner. */
export function errorBody(status: number, bytes: Uint8Array | undefined): string {
	const body = bytes === undefined ? undefined : parseOrNone(bytes);
	if (isObject(body) && isObject(body["error"])) return JSON.stringify(body);
	return JSON.stringify({ error: { code: "UnexpectedAnswer", message: `status ${status}, not from log analytics itself` } });
}
