/** Reads a listing to its documented end, whatever the service makes of its page tokens, and however much it is. */

import { CollectorError } from "../contract/errors.ts";
import type { List, Listed, Window } from "./listing.ts";

export type Page = Extract<Listed, { kind: "page" }>;

/** "again": the listing begins anew, and what was listed so far is listed once more. */
type Seen = Page | "again";

const RESTARTS_MAX = 5;

/** Only "drained" means that all was listed: neither an abort nor a token refused again and again does. */
async function* pagesOf(list: List, window: Window, signal: AbortSignal): AsyncGenerator<Seen, "drained" | "too-much"> {
	for (let restarts = 0; restarts <= RESTARTS_MAX; restarts++) {
		const end = yield* listOnce(list, window, signal);
		signal.throwIfAborted();
		if (end !== "restart") return end;
		yield "again";
	}
	throw new CollectorError("SOURCE_UNAVAILABLE", `the service refused its own page tokens ${RESTARTS_MAX + 1} times in a row`);
}

async function* listOnce(list: List, window: Window, signal: AbortSignal): AsyncGenerator<Page, "drained" | "too-much" | "restart"> {
	for await (const listed of list(window, signal)) {
		if (listed.kind !== "page") return listed.kind;
		yield listed;
	}
	return "drained";
}

/** How much one listing can bring, as far as is known: shared by all readings of a scope. */
export interface Span {
	ms: number;
}

/** After a listing that was not too much, the next may be that much longer. */
const SPAN_GROWTH = 1.25;

/** The same for a window of any size: listed in pieces, each short enough not to be too much. */
export async function* pagesOfRange(list: List, window: Window, span: Span, signal: AbortSignal): AsyncGenerator<Seen, "drained"> {
	for (let fromMs = window.fromMs; fromMs <= window.toMs; ) {
		const toMs = Math.min(window.toMs, fromMs + Math.max(1, Math.floor(span.ms)) - 1);
		const end = yield* pagesOf(list, { fromMs, toMs }, signal);
		if (end === "drained") {
			span.ms *= SPAN_GROWTH;
			fromMs = toMs + 1;
		} else {
			if (toMs === fromMs) throw tooMuch(fromMs);
			span.ms = (toMs - fromMs + 1) / 2;
		}
	}
	return "drained";
}

function tooMuch(atMs: number): CollectorError {
	return new CollectorError(
		"SOURCE_UNAVAILABLE",
		`more records in the one millisecond of ${new Date(atMs).toISOString()} than the service lists`,
	);
}
