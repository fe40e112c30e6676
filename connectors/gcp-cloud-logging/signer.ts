/** What both transports share: getting a token, apart from the call that needs it, and ending in time. */

import { ERR_CREDENTIALS } from "./client-error.ts";

/** What is used of a client of google-auth-library. */
export interface Signer {
	/** Gets a token, if the one at hand will not do. */
	getRequestHeaders(): Promise<Headers>;
	request(options: SignedRequest): Promise<SignedReply>;
}

interface SignedRequest {
	readonly url: string;
	readonly method: "POST";
	readonly headers: Readonly<Record<string, string>>;
	readonly data: string;
	readonly responseType: "stream";
	readonly signal: AbortSignal;
}

interface SignedReply {
	readonly headers: Headers;
	/** Inflated. Empty text for an answer without content. */
	readonly data: AsyncIterable<Uint8Array> | "";
}

interface Identified {
	readonly signer: Signer;
	/** With the token. */
	readonly headers: Headers;
}

export interface Identification {
	/** Has a token that is good for a while; else throws ERR_CREDENTIALS, with the reason as its cause. */
	identify(): Promise<Identified>;
	/** The token was refused: the credentials are looked for anew. */
	forget(): void;
}

/** `find` is asked for the credentials when they are needed, and again after they failed. */
export function createIdentification(find: () => Promise<Signer>): Identification {
	let found: Promise<Signer> | undefined;
	return {
		async identify() {
			try {
				found ??= find();
				const signer = await found;
				return { signer, headers: await signer.getRequestHeaders() };
			} catch (error) {
				found = undefined;
				throw coded(ERR_CREDENTIALS, "no token", error);
			}
		},
		forget() {
			found = undefined;
		},
	};
}

export function coded(code: string, what: string, cause?: unknown): Error {
	return Object.assign(new Error(what, { cause }), { code });
}

/** Ends when the work does, when the time is up, or when the signal fires, whatever a library makes of its signal. */
export async function within<T>(ms: number, outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
	outer.throwIfAborted();
	const inner = new AbortController();
	const stop = (): void => inner.abort(outer.reason);
	const timer = setTimeout(() => inner.abort(new DOMException(`no answer within ${ms} ms`, "TimeoutError")), ms);
	outer.addEventListener("abort", stop, { once: true });
	const ended = new Promise<never>((_, reject) => {
		inner.signal.addEventListener("abort", () => reject(inner.signal.reason), { once: true });
	});
	try {
		return await Promise.race([work(inner.signal), ended]);
	} finally {
		clearTimeout(timer);
		outer.removeEventListener("abort", stop);
	}
}
