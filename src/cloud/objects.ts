/** Small objects in a cloud's object store, each written only if nobody else wrote it since: the one shape of all three clouds. */

import type { Agent } from "node:https";
import type { Refusal } from "./refusal.ts";

/** Names are relative to the prefix that the client was opened with. Nothing throws on what the service says or does not say. */
export interface ObjectClient extends AsyncDisposable {
	/** Where an object lies, for people: without credentials. */
	addressOf(name: string): string;
	get(name: string): Promise<Got>;
	/**
	 * One attempt. `expected` is the version that must be there still; undefined: no object must be there.
	 * After a refusal that may pass, the object may have been written all the same.
	 */
	put(name: string, text: string, expected: string | undefined): Promise<Put>;
}

/** `text` is undefined for what is no UTF-8, or longer than `OBJECT_BYTES_MAX`. A version changes with every write. */
type Got =
	| { readonly status: "found"; readonly text: string | undefined; readonly version: string }
	| { readonly status: "missing" }
	| Refusal;

type Put = { readonly status: "stored"; readonly version: string } | { readonly status: "conflict" } | Refusal;

/** Where objects lie: the prefix has no slash at its ends, and may be empty. */
export interface ObjectPlace {
	readonly bucket: string;
	readonly prefix: string;
}

/** What every client takes. */
export interface ObjectClientOptions {
	/** Instead of the service's public address: a private endpoint, or a store that speaks the same protocol. */
	readonly endpoint?: string;
	/** How connections are made: a private CA, a proxy. */
	readonly httpsAgent?: Agent;
	/** Bounds one call, with its credentials and its body. */
	readonly timeoutMs?: number;
}

export const OBJECT_BYTES_MAX = 64 * 1024 * 1024;
export const OBJECT_TIMEOUT_MS = 20_000;

export function joined(prefix: string, name: string): string {
	return prefix === "" ? name : `${prefix}/${name}`;
}

/** Runs a call that ends within the time, whether or not it heeds its signal. */
export async function within<T>(timeoutMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
	const stop = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			const error = new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError");
			stop.abort(error);
			reject(error);
		}, timeoutMs);
	});
	try {
		return await Promise.race([call(stop.signal), late]);
	} finally {
		clearTimeout(timer);
	}
}

/** The whole text, read no further than the bound. Throws what the connection throws. */
export async function textOf(bytes: AsyncIterable<Uint8Array | string>): Promise<string | undefined> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of bytes) {
		const piece = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
		size += piece.length;
		if (size > OBJECT_BYTES_MAX) return undefined;
		chunks.push(piece);
	}
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
	} catch {
		return undefined;
	}
}
