/** Asks Cloud Logging over REST, which gives each entry's exact JSON: one request, one page, nothing tried twice. */

import type { Client, EntriesPage, ListRequest } from "./client.ts";
import { ERR_GARBLED, ERR_TOO_LARGE } from "./client-error.ts";
import { readPage } from "./listed-entry.ts";
import { coded, createIdentification, type Signer, within } from "./signer.ts";

export interface RestOptions {
	readonly endpoint: string;
	readonly requestMs: number;
	readonly answerBytesMax: number;
	/** Finds the credentials. */
	signer(): Promise<Signer>;
	/** Closes all connections. */
	close(): Promise<void>;
}

const HEADERS = { "content-type": "application/json", accept: "application/json" };

export function createRestClient({ endpoint, requestMs, answerBytesMax, signer, close }: RestOptions): Client {
	const url = new URL("/v2/entries:list?prettyPrint=false", endpoint).href;
	const { identify } = createIdentification(signer);

	async function list(request: ListRequest, signal: AbortSignal): Promise<EntriesPage> {
		const identified = await identify();
		const data = JSON.stringify(request);
		const reply = await identified.signer.request({ url, method: "POST", headers: HEADERS, data, responseType: "stream", signal });
		const page = readPage(reply.data === "" ? new Uint8Array(0) : await gather(reply.data, answerBytesMax));
		if (page === undefined) throw coded(ERR_GARBLED, "the answer is no page of entries");
		const servedAtMs = Date.parse(reply.headers.get("date") ?? "");
		return { ...page, ...(Number.isNaN(servedAtMs) ? {} : { servedAtMs }) };
	}

	return {
		listEntries: (request, signal) => within(requestMs, signal, (bounded) => list(request, bounded)),
		[Symbol.asyncDispose]: close,
	};
}

async function gather(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of chunks) {
		bytes += chunk.length;
		// Leaving the loop gives the connection up.
		if (bytes > bytesMax) throw coded(ERR_TOO_LARGE, `the answer has more than ${bytesMax} bytes`);
		parts.push(chunk);
	}
	return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, bytes);
}
