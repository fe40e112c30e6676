/** Replay: stored files through exactly the pipeline that live collection uses. */

import assert from "node:assert/strict";
import { decodeAuditText } from "../../audit/decode-text.ts";
import { createMemoryCheckpoints } from "../../checkpoint/memory.ts";
import type { Host } from "../../contract/connector.ts";
import type { Origin } from "../../contract/record.ts";
import type { Quarantine, QuarantineEntry, Sink } from "../../contract/sink.ts";
import type { Tally } from "../../contract/tally.ts";
import { openQuarantineFile } from "../../forward/quarantine.ts";
import { DEFAULT_PIPELINE_LIMITS, type PipelineLimits, runPipeline } from "../../pipeline/pipeline.ts";
import { createPolicy } from "../../policy/policy.ts";
import { identityKeyOf, policySettingsOf } from "../config/policy-settings.ts";
import type { Schema } from "../config/schemas.ts";
import { limitsOf, type SettingsFile } from "../config/settings.ts";
import { createPrepare } from "../prepare.ts";
import { CONNECTORS, connectorNamed } from "../registry.ts";
import { openSinks, targetsOf } from "../sinks.ts";
import { findFiles, type InputFile, refuseToOverwrite } from "./files.ts";
import { formNamed } from "./recognise.ts";
import { type FileReport, PARTITION, readFiles } from "./replay-source.ts";
import { createSummary, type Summary } from "./summary.ts";

export interface ReplayOptions {
	readonly paths: readonly string[];
	readonly as?: string;
	readonly to: readonly string[];
	readonly schema: Schema;
	readonly cluster?: string;
	readonly fromMs?: number;
	readonly untilMs?: number;
	readonly quarantine: string;
	readonly redact: boolean;
	readonly filter: readonly string[];
	readonly settings: SettingsFile;
	readonly stdin: AsyncIterable<Uint8Array>;
	readonly host: Host;
	/** Told what there is to read, and then what has been read. */
	readonly progress: { start(totalBytes: number | undefined): void; add(bytes: number): void };
}

export interface ReplayResult {
	/** Of the first sink; they differ only in what a sink refused. */
	readonly tally: Tally;
	readonly files: readonly FileReport[];
	readonly summary: Summary;
	/** Sink -> what it tells of itself. */
	readonly facts: ReadonlyMap<string, Readonly<Record<string, number>>>;
	readonly quarantined: number;
	readonly stopped: boolean;
}

/** A disk that is full or a store that is locked will hardly be better soon: people wait for this. */
const LIMITS: PipelineLimits = { ...DEFAULT_PIPELINE_LIMITS, retry: { attemptsMax: 3, delayMinMs: 100, delayMaxMs: 1_000 } };

/** Rejects with a CollectorError whose text is for the user. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
	const { settings, host } = options;
	const as = options.as === undefined ? undefined : formNamed(options.as);
	const files = await findFiles(options.paths);
	await refuseToOverwrite(targetsOf("file", options.to), files);
	// It is only added to: an older one that lies in a folder to read is no harm.
	await refuseToOverwrite(
		[options.quarantine],
		files.filter(({ isNamed }) => isNamed),
	);
	const policy = createPolicy(await policySettingsOf(settings, options.filter, options.redact));
	const identityKey = await identityKeyOf(settings);
	const prepare = createPrepare({
		schema: options.schema,
		policy,
		clock: host.clock,
		...(identityKey === undefined ? {} : { identityKey }),
		...(options.fromMs === undefined ? {} : { fromMs: options.fromMs }),
		...(options.untilMs === undefined ? {} : { untilMs: options.untilMs }),
	});
	const summary = createSummary();
	const reports: FileReport[] = [];
	const sinks = await openSinks(options.to, options.schema);
	await using quarantine = withSalvage(openQuarantineFile(options.quarantine));
	await using _ = disposeAll(sinks);
	options.progress.start(totalBytes(files));
	const tallies = await runPipeline({
		open: (saved) =>
			readFiles(
				{
					files,
					...(as === undefined ? {} : { as }),
					limits: limitsOf(settings),
					stdin: options.stdin,
					originOf: (connector) => originOf(connector, options.cluster ?? settings.cluster),
					onBytes: (bytes) => options.progress.add(bytes),
					onFile: (report) => reports.push(report),
				},
				saved.get(PARTITION)?.get("fast"),
			),
		partitions: [PARTITION],
		connectorOf: ({ connector }) => connectorNamed(connector),
		routes: sinks.map((sink) => ({ sink, prepare })),
		quarantine,
		checkpoints: { store: createMemoryCheckpoints(), source: "replay" },
		observer: summary.observer,
		limits: LIMITS,
		host,
	});
	const tally = tallies[0] as Tally;
	const stopped = host.signal.aborted;
	if (!stopped) assertFramed(reports, tally);
	const facts = new Map(sinks.flatMap((sink) => (sink.facts === undefined ? [] : [[sink.name, sink.facts()] as const])));
	return { tally, files: reports, summary, facts, quarantined: quarantine.added(), stopped };
}

/** Framing counts on its own, so that this sum can fail. */
function assertFramed(reports: readonly FileReport[], tally: Tally): void {
	const framed = reports.reduce((sum, report) => sum + report.framed, 0);
	assert.equal(tally.framed, framed, "records were lost between framing and the pipeline");
}

/** What the user says of the cluster; a cluster's full id gives its parts. It never overrides what records say. */
function originOf(connectorName: string, cluster: string | undefined): Origin {
	const connector = CONNECTORS.find(({ name }) => name === connectorName);
	const base: Origin = { connector: connectorName, ...(cluster === undefined ? {} : { clusterName: cluster }) };
	const { clusterId: _id, clusterKey: _key, ...parts } = connector?.resolve(base) ?? base;
	return parts;
}

function totalBytes(files: readonly InputFile[]): number | undefined {
	return files.some(({ sizeBytes }) => sizeBytes === undefined) ? undefined : files.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
}

interface CountingQuarantine extends Quarantine {
	added(): number;
}

/** Adds to what is too large who did what, so that it can be searched for. */
function withSalvage(inner: Quarantine): CountingQuarantine {
	let added = 0;
	return {
		async add(entry) {
			added++;
			await inner.add(entry.error.code === "RECORD_TOO_LARGE" ? { ...entry, ...salvaged(entry) } : entry);
		},
		added: () => added,
		[Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
	};
}

function salvaged({ body }: QuarantineEntry): Pick<QuarantineEntry, "salvaged"> {
	const decoded = decodeAuditText(body);
	if (decoded.kind !== "event") return {};
	const { auditID, verb, user, requestURI, stage } = decoded.event;
	const known = Object.entries({ auditID, verb, user: user?.username, requestURI, stage }).filter(
		(pair): pair is [string, string] => pair[1] !== undefined,
	);
	return { salvaged: Object.fromEntries(known) };
}

function disposeAll(sinks: readonly Sink[]): AsyncDisposable {
	return {
		async [Symbol.asyncDispose]() {
			for (const sink of sinks) await sink[Symbol.asyncDispose]();
		},
	};
}
