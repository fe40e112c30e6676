/** Looks at the first bytes of a stream without taking them from it. */

/** A first chunk of at least `bytesMin` bytes, if there are as many, and all of the stream again, beginning with that chunk. */
export async function peek(
	chunks: AsyncIterable<Uint8Array>,
	bytesMin: number,
): Promise<{ first: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
	const iterator = chunks[Symbol.asyncIterator]();
	let first: Uint8Array = new Uint8Array(0);
	let done = false;
	while (first.length < bytesMin && !done) {
		const next = await iterator.next();
		if (next.done === true) done = true;
		else first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
	}
	async function* rest(): AsyncGenerator<Uint8Array> {
		try {
			if (first.length > 0) yield first;
			if (!done) yield* { [Symbol.asyncIterator]: () => iterator };
		} finally {
			await iterator.return?.();
		}
	}
	return { first, rest: rest() };
}
