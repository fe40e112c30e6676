/** What is counted and shown while collecting: every metric, with what it says, in one table. */

/** Name -> kind and explanation, as they stand in /metrics. Times are in seconds there. */
export const METRICS = {
	polls_total: { kind: "counter", help: "Windows that were listed to their end." },
	pages_total: { kind: "counter", help: "Pages that the service answered with." },
	listed_records_total: { kind: "counter", help: "Records that the service listed, those seen before included." },
	throttles_total: { kind: "counter", help: "Calls that the service refused for their rate." },
	call_failures_total: { kind: "counter", help: "Calls that failed for another reason and were made again." },
	overlap_hits_total: { kind: "counter", help: "Records listed again inside the overlap, and told to be known." },
	late_records_total: {
		kind: "counter",
		help: "Records that became visible after a poll that covered their time; the overlap found them.",
	},
	sweeps_total: { kind: "counter", help: "Sweeps that were finished." },
	sweep_finds_total: { kind: "counter", help: "Records that only a sweep found: they came later than the overlap is long." },
	gaps_total: { kind: "counter", help: "Stretches of time that could not be read before the service's retention took them." },
	watermark_seconds: { kind: "gauge", help: "Epoch time up to which all is read." },
	overlap_seconds: { kind: "gauge", help: "How far a poll reads behind the watermark." },
	delay_seconds: { kind: "histogram", help: "From an event's time to the moment its record was first seen." },
} as const satisfies Record<string, { readonly kind: "counter" | "gauge" | "histogram"; readonly help: string }>;

type NamesOf<Kind> = { [N in keyof typeof METRICS]: (typeof METRICS)[N]["kind"] extends Kind ? N : never }[keyof typeof METRICS];

/** Bound to one source and cluster by whoever hands it out. */
export interface Meter {
	count(name: NamesOf<"counter">, by?: number): void;
	gauge(name: NamesOf<"gauge">, value: number): void;
	observe(name: NamesOf<"histogram">, value: number): void;
}

/** For those who do not look. */
export const NO_METER: Meter = { count() {}, gauge() {}, observe() {} };
