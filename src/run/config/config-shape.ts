/** What may stand in the settings of `kube-audit run`: every key with its meaning, as zod schemas; connectors bring their own keys. */

import { z } from "zod";
import { readTime } from "../../normalise/times.ts";
import { SINK_FORMS } from "../sinks.ts";
import { DURATION, formatDuration, parseDuration } from "./duration.ts";
import { nearest } from "./nearest.ts";
import { SCHEMAS } from "./schemas.ts";
import { commonShape, secretReference } from "./settings.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATION_FORM = 'a duration with its unit, such as "10s", "2m", "6h" or "1d"';

/** Zod's own checks of type say too little where something else than text is likely. */
function durationFault({ input }: { readonly input?: unknown }): string {
	const isCount = typeof input === "number" && Number.isInteger(input) && input >= 0;
	return `expected ${DURATION_FORM}${isCount ? `; ${input} milliseconds are "${formatDuration(input)}"` : ""}`;
}

/** Text in the file, milliseconds here. */
function duration(minMs: number, maxMs: number) {
	return z
		.string({ error: durationFault })
		.regex(DURATION, { error: durationFault })
		.transform((text, context) => {
			const ms = parseDuration(text) as number;
			if (ms < minMs || ms > maxMs)
				context.addIssue({ code: "custom", message: `must be from ${formatDuration(minMs)} to ${formatDuration(maxMs)}` });
			return ms;
		});
}

/** Where a source begins that has no checkpoint. */
export type Since =
	| { readonly kind: "now" }
	| { readonly kind: "ago"; readonly ms: number }
	/** Epoch milliseconds. */
	| { readonly kind: "at"; readonly ms: number };

const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const SINCE_FORM = 'expected "now", a duration such as "1h", or a time such as "2026-11-23T15:00:00Z"';

function sinceOf(text: string): Since | undefined {
	if (text === "now") return { kind: "now" };
	const ms = parseDuration(text);
	if (ms !== undefined) return { kind: "ago", ms };
	const time = TIME.test(text) ? readTime(text) : undefined;
	return time && { kind: "at", ms: time.ms };
}

const since = z
	.string({ error: SINCE_FORM })
	.regex(new RegExp(`^now$|${DURATION.source}|${TIME.source}`), { error: SINCE_FORM })
	.transform((text, context) => {
		const read = sinceOf(text);
		if (read !== undefined) return read;
		context.addIssue({ code: "custom", message: SINCE_FORM });
		return z.NEVER;
	});

function refuseDisorder(context: z.core.ParsePayload<Record<string, unknown>>, low: string, high: string): void {
	const { [low]: least, [high]: most } = context.value;
	if (typeof least !== "number" || typeof most !== "number" || least <= most) return;
	context.issues.push({ code: "custom", message: `must not be less than ${low}`, input: context.value, path: [high] });
}

const poll = z
	.strictObject({
		interval: duration(SECOND, HOUR).optional().describe("Between two polls of a source that has something new. Default 10s."),
		intervalMax: duration(SECOND, HOUR).optional().describe("What the interval grows to while nothing comes. Default 30s."),
		overlap: duration(SECOND, DAY).optional().describe("How far a poll reads behind the one before it, at least. Default 2m."),
		overlapMax: duration(SECOND, DAY).optional().describe("What the overlap grows to when records arrive late. Default 30m."),
		sweeps: z
			.array(
				z.strictObject({
					every: duration(MINUTE, 7 * DAY).describe("How often."),
					depth: duration(MINUTE, 31 * DAY).describe("How far back."),
				}),
			)
			.max(8)
			.optional()
			.describe("Rarer, wider readings that find what came later than the overlap. Default every 10m over 30m, every 6h over 12h."),
	})
	.check((context) => {
		refuseDisorder(context, "interval", "intervalMax");
		refuseDisorder(context, "overlap", "overlapMax");
	});

const silence = z.strictObject({
	after: duration(MINUTE, 31 * DAY).describe("How long a cluster may send nothing before it is told of."),
	event: z.boolean().default(false).describe("Whether to send an event on it to the sinks, beside the metric and the log line."),
});

const reconcile = z.strictObject({
	every: duration(10 * MINUTE, 7 * DAY)
		.prefault("24h")
		.describe("How long a stretch is counted at a time, and so how often."),
	delay: duration(MINUTE, 7 * DAY)
		.prefault("1h")
		.describe("How old it is by then, so that late events have come."),
});

/** The keys that every source has. */
export const sourceShape = z.strictObject({
	id: z
		.string()
		.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "must be 1 to 63 of a-z, 0-9 and -, as in eks-production")
		.describe("Names the source in checkpoints, metrics and logs; must not change once it has run."),
	connector: z
		.string()
		.regex(/^[^\s\0]{1,214}$/, "is no connector: a name, the name of a package, or a path that begins with ./")
		.describe("A built-in connector, or the package or path (./...) of another one."),
	labels: z
		.record(
			z.string().regex(/^\w[\w./-]{0,62}$/, "must be 1 to 63 letters, digits and _ . / -"),
			z.string().min(1).max(256).regex(/^.*$/, "must be in one line"),
		)
		.default({})
		.describe("Reach every event of the source, at its cluster: env, team, tenant."),
	since: since.prefault("now").describe("Where to begin if there is no checkpoint: now, a duration back, or a time."),
	poll: poll.default({}).describe("When and how far to ask. Absent: as the connector thinks best for its service."),
	silence: silence.optional().describe("Detects clusters that stop sending."),
	reconcile: reconcile
		.optional()
		.describe(
			"Compares what was seen with what the service itself counts, and reads again what differs; {} does so once a day. Absent: never, since aws-cloudwatch charges for it and needs more permissions. gcp-cloud-logging has no such count.",
		),
});

const SINK_KINDS = SINK_FORMS.map(([form]) => form.slice(0, form.indexOf(":") + 1));
const SINKS = SINK_FORMS.map(([form]) => form).join(", ");

function sinkFault({ input }: { readonly input?: unknown }): string {
	const kind = /^[^:]*:?/.exec(String(input))?.[0] ?? "";
	const meant = typeof input === "string" && !SINK_KINDS.includes(kind) ? nearest(kind, SINK_KINDS) : undefined;
	return `expected a sink: one of ${SINKS}${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
}

const pathKinds = SINK_KINDS.filter((kind) => kind !== "stdout:").join("|");
const sinkSpec = z
	.string()
	.regex(new RegExp(`^(?:stdout:$|(?:${pathKinds})[^\\0]+$)`), { error: sinkFault })
	.describe(`One of ${SINKS}.`);

const sink = z.union([
	sinkSpec,
	z.strictObject({
		to: sinkSpec,
		schema: z.enum(SCHEMAS).default("ocsf").describe("How events are written."),
		name: z.string().min(1).max(100).optional().describe("Names the sink in metrics and logs. Default: what `to` says."),
		required: z.boolean().default(true).describe("Whether a batch waits until this sink took it. false: best effort."),
	}),
]);

const CHECKPOINTS = "memory:, file:PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://ACCOUNT/CONTAINER/PREFIX";

const LISTEN_FORM = 'expected HOST:PORT such as "127.0.0.1:9464", or false';

const listen = z.union(
	[
		z.literal(false),
		z
			.string()
			.regex(/^(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}$/, { error: LISTEN_FORM })
			.transform((text, context) => {
				const colon = text.lastIndexOf(":");
				const port = Number(text.slice(colon + 1));
				if (port > 65_535) context.addIssue({ code: "custom", message: "a port is at most 65535" });
				return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port };
			}),
	],
	{ error: LISTEN_FORM },
);

/** A secret's place: a reference in the text, or the long form that replay's settings have. */
const secret = z.union([
	secretReference,
	z
		.string()
		.min(1)
		.transform((text) => ({ text })),
]);

/** The whole file; the entries of `sources` are checked each by itself, since their keys depend on the connector. */
export const configShape = z.strictObject({
	sources: z.array(z.unknown()).min(1).max(1_000).describe("What is collected."),
	sinks: z.array(sink).min(1).max(32).describe("Where events go. Each gets them all."),
	checkpoints: z
		.string()
		.regex(/^(?:memory:$|file:[^\0]|(?:s3|gs|azblob|https):\/\/[^\0])/, `expected a place for checkpoints: one of ${CHECKPOINTS}`)
		.default("file:kube-audit-state.db")
		.describe(`Where is kept what has been read: one of ${CHECKPOINTS}.`),
	quarantine: z.string().min(1).default("kube-audit-quarantine.ndjson").describe("File for records that cannot be read."),
	listen: listen.prefault("0.0.0.0:9464").describe("Where /metrics, /healthz and /readyz are served; false: nowhere."),
	log: z
		.strictObject({
			level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("The least that is logged."),
			format: z.enum(["json", "pretty", "auto"]).default("auto").describe("auto: pretty on a terminal, else JSON."),
		})
		.prefault({})
		.describe("The program's own log, on standard error."),
	shutdown: duration(SECOND, HOUR).prefault("25s").describe("How long to settle what is in flight when stopped."),
	watermark: z
		.strictObject({ every: duration(SECOND, DAY).prefault("1m").describe("How often.") })
		.prefault({})
		.describe("The event that tells, for each cluster, up to when everything has been delivered."),
	...commonShape(secret),
});
