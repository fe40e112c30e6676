/** Bounds one call of the SDK: it ends in time and at once on an abort, whatever the SDK itself waits for. */

/**
 * Gives what `ask` gives. Rejects with the signal's reason as soon as it fires, and with a TimeoutError after `limitMs`;
 * the signal that `ask` gets has fired then.
 */
export async function within<T>(limitMs: number, signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
	signal.throwIfAborted();
	const inner = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	let stop: (() => void) | undefined;
	const end = new Promise<never>((_resolve, reject) => {
		const fail = (reason: unknown): void => {
			reject(reason);
			inner.abort(reason);
		};
		stop = () => fail(signal.reason);
		signal.addEventListener("abort", stop, { once: true });
		timer = setTimeout(() => fail(Object.assign(new Error(`no answer within ${limitMs} ms`), { name: "TimeoutError" })), limitMs);
	});
	try {
		return await Promise.race([ask(inner.signal), end]);
	} finally {
		clearTimeout(timer);
		if (stop !== undefined) signal.removeEventListener("abort", stop);
	}
}
