/** What is counted and shown while collecting: every metric, with what it says, in two tables. */

/** One metric as it stands in /metrics. Times are in seconds there. */
export interface Metric {
	readonly kind: "counter" | "gauge" | "histogram";
	readonly help: string;
	/** What its series stand for; absent: a cluster, as one source sees it. */
	readonly of?: keyof typeof LABELS;
	/** One more label. */
	readonly by?: "code" | "rule" | "reason" | "state";
	/** Of a gauge: which value stands for several scopes of one source and cluster. */
	readonly across?: "least" | "most" | "sum";
	/** Upper bounds of a histogram, ascending. */
	readonly buckets?: readonly number[];
}

/** The labels that every series of a metric has. All are bounded in number. */
export const LABELS = {
	cluster: ["source", "connector", "cluster"],
	source: ["source"],
	sink: ["source", "sink"],
	process: [],
} as const;

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** What a connector's own loop tells, through its meter. */
export const PULL_METRICS = {
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
	watermark_seconds: { kind: "gauge", across: "least", help: "Epoch time up to which all is read and settled." },
	overlap_seconds: { kind: "gauge", across: "most", help: "How far a poll reads behind the watermark." },
	delay_seconds: {
		kind: "histogram",
		buckets: [1, 2, 5, 10, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR],
		help: "From an event's time to the moment its record was first seen.",
	},
} as const satisfies Record<string, Metric>;

/** What the pipeline and those who run it tell. */
const RUN_METRICS = {
	events_decoded_total: { kind: "counter", help: "Audit events that records were found to be." },
	events_truncated_total: { kind: "counter", help: "Events to be forwarded of which the source had cut a part." },
	events_filtered_total: { kind: "counter", by: "rule", help: "Events dropped on request." },
	records_skipped_total: { kind: "counter", by: "reason", help: "Records that are no audit events." },
	records_quarantined_total: { kind: "counter", by: "code", help: "Records that could not be read or mapped: they are in quarantine." },
	values_redacted_total: { kind: "counter", by: "rule", help: "Values that were replaced, since they may be secret." },
	bytes_encoded_total: { kind: "counter", help: "Bytes of the events made ready to be sent, as the first sink gets them." },
	watermark_lag_seconds: { kind: "gauge", help: "How far the watermark lies behind the clock." },
	last_event_seconds: { kind: "gauge", help: "Epoch time of the newest event." },
	silent_seconds: { kind: "gauge", help: "How much time is known to hold no event: from the newest one to the watermark." },
	cluster_silent: { kind: "gauge", help: "1 if that is longer than the settings of the source allow." },
	reconciled_seconds: {
		kind: "gauge",
		across: "least",
		help: "Epoch time up to which what was seen has been compared with what the service counts.",
	},
	reconcile_expected_records: { kind: "gauge", across: "sum", help: "Records of the stretch compared last that the service counts." },
	reconcile_delivered_records: { kind: "gauge", across: "sum", help: "Records of it that had been seen when it was compared." },
	reconcile_missing_records: {
		kind: "gauge",
		across: "sum",
		help: "Records of it that the service counts and did not list when it was read again.",
	},
	reconcile_failures_total: { kind: "counter", by: "code", help: "Counts that the service could not be asked for." },
	source_state: { kind: "gauge", by: "state", help: "Scopes of a source that are in a state." },
	source_failing: { kind: "gauge", by: "code", help: "Scopes of a source that failed and made no progress since." },
	source_failures_total: { kind: "counter", by: "code", help: "Failures that interrupted a scope of a source." },
	events_forwarded_total: { kind: "counter", of: "sink", help: "Events that a sink took." },
	bytes_forwarded_total: { kind: "counter", of: "sink", help: "Bytes of the events that a sink took." },
	events_rejected_total: { kind: "counter", of: "sink", by: "code", help: "Events that a sink refused for good: they are in quarantine." },
	sends_retried_total: { kind: "counter", of: "sink", help: "Sends that were made again." },
	sends_failed_total: { kind: "counter", of: "sink", by: "code", help: "Sends of which a sink took nothing, as far as is known." },
	send_seconds: {
		kind: "histogram",
		of: "sink",
		buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, MINUTE],
		help: "How long a sink took to answer one send.",
	},
	checkpoints_saved_total: { kind: "counter", of: "source", help: "Cursors that were saved." },
	checkpoints_failed_total: { kind: "counter", of: "source", by: "code", help: "Cursors that could not be saved." },
	in_flight_batches: { kind: "gauge", of: "process", help: "Batches that are read and not yet settled." },
	in_flight_bytes: { kind: "gauge", of: "process", help: "Bytes of the records in them." },
} as const satisfies Record<string, Metric>;

/** All of them: name, without the prefix `kube_audit_` -> what it is. */
export const METRICS = { ...PULL_METRICS, ...RUN_METRICS } as const;

type NamesOf<Kind> = {
	[N in keyof typeof PULL_METRICS]: (typeof PULL_METRICS)[N]["kind"] extends Kind ? N : never;
}[keyof typeof PULL_METRICS];

/** Bound to one source and cluster by whoever hands it out. */
export interface Meter {
	count(name: NamesOf<"counter">, by?: number): void;
	gauge(name: NamesOf<"gauge">, value: number): void;
	observe(name: NamesOf<"histogram">, value: number): void;
}

/** For those who do not look. */
export const NO_METER: Meter = { count() {}, gauge() {}, observe() {} };
