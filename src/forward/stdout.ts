/** The sink `stdout:`: NDJSON for the next program of a pipe. */

import type { Writable } from "node:stream";
import { CollectorError } from "../contract/errors.ts";
import type { SendResult, Sink } from "../contract/sink.ts";
import { linesOf } from "./ndjson.ts";

/** A stream that its reader has closed (`| head`) ends the run: the error's `cause` has the code EPIPE. */
export function openStdoutSink(stream: Writable): Sink {
	// A failed write is told to its callback; without a listener the stream would throw it at everybody as well.
	stream.on("error", ignore);
	return {
		name: "stdout:",
		async send({ events }): Promise<SendResult> {
			if (events.length === 0) return { status: "settled", rejected: [] };
			const failure = await new Promise<Error | null | undefined>((resolve) => stream.write(linesOf(events), resolve));
			if (failure == null) return { status: "settled", rejected: [] };
			throw new CollectorError("SINK_REJECTED", "standard output was closed by its reader: stopped", { cause: failure });
		},
		async [Symbol.asyncDispose]() {
			stream.off("error", ignore);
		},
	};
}

function ignore(): void {}
