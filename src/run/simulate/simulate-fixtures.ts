/** Fixture files -> the audit events in them, read as replay reads them, in the order of their times. */

import { randomUUID } from "node:crypto";
import { createMemoryCheckpoints } from "../../checkpoint/memory.ts";
import type { AuditEvent } from "../../contract/audit-event.ts";
import type { Host } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Quarantine, Sink } from "../../contract/sink.ts";
import { DEFAULT_LIMITS } from "../../framing/limits.ts";
import { eventTime } from "../../normalise/times.ts";
import { DEFAULT_PIPELINE_LIMITS, runPipeline } from "../../pipeline/pipeline.ts";
import { connectorNamed } from "../registry.ts";
import { findFiles, STDIN } from "../replay/files.ts";
import { PARTITION, readFiles } from "../replay/replay-source.ts";

export interface FixtureEvent {
	readonly event: AuditEvent & { readonly auditID: string };
	/** When it happened, epoch milliseconds. */
	readonly timeMs: number;
}

export interface Fixtures {
	/** Sorted by time; none twice. */
	readonly events: readonly FixtureEvent[];
	/** Files that events were read from. */
	readonly files: number;
	/** Events that another file, or another form, has too. */
	readonly repeated: number;
	/** Records that are no events. */
	readonly others: number;
}

/** Throws CONFIG_INVALID, as replay does, for what cannot be read, and if there is no event at all. */
export async function readFixtures(paths: readonly string[], host: Host): Promise<Fixtures> {
	if (paths.includes(STDIN)) throw new CollectorError("CONFIG_INVALID", "--fixtures: files or folders, not standard input");
	const files = await findFiles(paths);
	const events = new Map<string, FixtureEvent>();
	let [repeated, others, read] = [0, 0, 0];
	await runPipeline({
		open: () =>
			readFiles({
				files,
				limits: DEFAULT_LIMITS,
				stdin: (async function* () {})(),
				originOf: (connector) => ({ connector }),
				onFile({ isRead }) {
					if (isRead) read++;
				},
			}),
		partitions: [PARTITION],
		connectorOf: ({ connector }) => connectorNamed(connector),
		routes: [{ sink: NOWHERE, prepare: () => ({ kind: "filtered", rule: "simulate", bytes: 0 }) }],
		quarantine: IGNORED,
		checkpoints: { store: createMemoryCheckpoints(), source: "simulate" },
		observer: {
			event(decoded) {
				const timeMs = eventTime(decoded, host.clock.now()).ms;
				const { auditID = randomUUID(), stage } = decoded.event;
				const key = JSON.stringify([auditID, stage, timeMs]);
				if (events.has(key)) repeated++;
				else events.set(key, { event: { ...decoded.event, auditID }, timeMs });
			},
			skipped: () => void others++,
			bad: () => void others++,
		},
		limits: DEFAULT_PIPELINE_LIMITS,
		host,
	});
	if (events.size === 0) throw new CollectorError("CONFIG_INVALID", `${paths.join(", ")}: no audit events in there`);
	return { events: [...events.values()].sort((a, b) => a.timeMs - b.timeMs), files: read, repeated, others };
}

/** Every event is taken out on its way: nothing is ever sent. */
const NOWHERE: Sink = {
	name: "nowhere",
	send: async () => ({ status: "settled", rejected: [] }),
	async [Symbol.asyncDispose]() {},
};

const IGNORED: Quarantine = { async add() {}, async [Symbol.asyncDispose]() {} };
