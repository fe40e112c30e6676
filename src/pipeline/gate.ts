/** Bounds what is in flight: batches and bytes that are read and not yet taken by every route. */

export interface Gate {
	/** Waits until there is room; one batch is always let in, however large. */
	enter(bytes: number): Promise<void>;
	leave(bytes: number): void;
}

export function createGate(limits: { readonly batchesMax: number; readonly bytesMax: number }): Gate {
	let batches = 0;
	let inFlightBytes = 0;
	const waiting: (() => void)[] = [];
	const isFull = (): boolean => batches > 0 && (batches >= limits.batchesMax || inFlightBytes >= limits.bytesMax);
	return {
		async enter(bytes) {
			while (isFull()) await new Promise<void>((resolve) => waiting.push(resolve));
			batches++;
			inFlightBytes += bytes;
		},
		leave(bytes) {
			batches--;
			inFlightBytes -= bytes;
			waiting.shift()?.();
		},
	};
}
