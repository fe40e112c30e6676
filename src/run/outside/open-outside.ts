/** Opens what the outside sees of a running collector: its log, its metrics and health, its watermark events. */

import type { Reconciled, Stretch } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Sink } from "../../contract/sink.ts";
import type { SourceState } from "../../pipeline/supervise.ts";
import { accountedFor } from "../../pipeline/tally.ts";
import { backfillTo, reconciledText } from "../completeness/reconcile-report.ts";
import { createCoverage } from "../completeness/watermark.ts";
import type { Config } from "../config/config.ts";
import { identityKeyOf } from "../config/policy-settings.ts";
import { redactSecrets } from "../config/secrets.ts";
import { systemClock } from "../system-clock.ts";
import type { Terminal } from "../terminal.ts";
import { createLog, type Log } from "./log.ts";
import { createLookout } from "./lookout.ts";
import type { Outside } from "./outside.ts";
import { startOutsideServer } from "./outside-server.ts";
import { type SilenceFact, silenceEvent } from "./silence-event.ts";

export interface OpenOutside extends Outside, AsyncDisposable {
	readonly log: Log;
	/** A source has stopped for good, and not because it was asked to. */
	hasFailed(): boolean;
}

/** `path`: where the settings lie. Throws CONFIG_INVALID if the port of metrics and health is not to be had. */
export async function openOutside(config: Config, terminal: Terminal, path: string): Promise<OpenOutside> {
	const { now } = systemClock;
	let failed = false;
	let sinks: readonly Sink[] = [];
	const log = await createLog({ ...config.log, isTerminal: terminal.isTerminal, write: terminal.err, redact: redactSecrets, now });
	const silences = new Map(config.sources.map(({ id, silence }) => [id, silence?.afterMs]));
	const lookout = createLookout({
		now,
		redact: redactSecrets,
		silenceAfterMs: (source) => silences.get(source),
		onSilence(fact) {
			const { source, origin } = fact;
			log.warn(silenceText(fact), { source, cluster: origin.clusterName ?? origin.clusterId ?? "" });
			if (config.sources.find(({ id }) => id === source)?.silence?.event === true) void sendSilence(sinks, fact, log);
		},
	});
	const coverage = createCoverage({
		everyMs: config.watermarkEveryMs,
		clock: systemClock,
		identityKey: await identityKeyOf(config),
		log: (line) => log.warn(line),
	});
	const server = config.listen === false ? undefined : await startOutsideServer({ listen: config.listen, ...lookout });
	if (server !== undefined) log.info(`metrics and health: http://${server.address.host}:${server.address.port}/metrics, /healthz, /readyz`);

	const heard = coverage.around<Outside>({
		watch(plan, scope) {
			const watch = lookout.watch(plan, scope);
			const name = scope?.name ?? "";
			const told = reconciliationTeller(log, plan.id, name, backfillTo(terminal.command, path, plan.id));
			return {
				...watch,
				reconciled(outcome) {
					watch.reconciled(outcome);
					told.outcome(outcome);
				},
				notReconciled(error) {
					watch.notReconciled(error);
					told.failure(error);
				},
				state(state) {
					watch.state(state);
					if (state.kind === "stopped") failed = true;
					tell(log, plan.id, scope?.name, state);
				},
			};
		},
		meterOf: lookout.meterOf,
		observerOf: lookout.observerOf,
		done({ id }, scope, tallies) {
			const [tally] = tallies;
			if (tally !== undefined) log.info(`${scope.name}: ${tally.forwarded} of ${accountedFor(tally)} records forwarded`, { source: id });
		},
	});
	return {
		...heard,
		counted: lookout,
		opened(openSinks, store) {
			sinks = openSinks;
			coverage.start(openSinks, store);
		},
		ended: coverage.close,
		log,
		hasFailed: () => failed,
		async [Symbol.asyncDispose]() {
			await server?.[Symbol.asyncDispose]();
		},
	};
}

/** Sends the event of a cluster's silence to all sinks, past the pipeline: no cursor waits for it. */
async function sendSilence(sinks: readonly Sink[], fact: SilenceFact, log: Log): Promise<void> {
	const delivery = { events: [silenceEvent(fact)], source: fact.source, partition: "silence", firstSeq: 0, attempt: 1 };
	for (const sink of sinks) {
		const { status } = await sink.send(delivery, new AbortController().signal);
		if (status !== "settled") log.warn(`${sink.name} did not take the event of a cluster's silence`, { source: fact.source });
	}
}

/** What a person is to know of each comparison with the service; a failure that lasts is told once. */
function reconciliationTeller(log: Log, source: string, scope: string, nextStep: (gap: Stretch) => string) {
	let toldOf = "";
	return {
		outcome(outcome: Reconciled): void {
			toldOf = "";
			const level = outcome.found + outcome.missing === 0 ? "info" : "warn";
			log[level](`${scope}: ${reconciledText(outcome, nextStep)}`, { source });
		},
		failure(error: unknown): void {
			const reason = error instanceof Error ? error.message : String(error);
			if (reason === toldOf) return;
			toldOf = reason;
			log.warn(`${scope}: what the service counts cannot be had, and collection goes on without: ${reason}`, { source });
		},
	};
}

/** What a person is to know of a source's state. */
function tell(log: Log, source: string, scope: string | undefined, state: SourceState): void {
	if (state.kind === "running") return;
	const name = scope === undefined ? "" : `${scope} `;
	const code = state.error instanceof CollectorError ? state.error.code : "FAULT";
	const reason = state.error instanceof Error ? state.error.message : String(state.error);
	if (state.kind === "stopped") log.error(`${name}has stopped: ${reason}`, { source, code });
	else if (state.kind === "parked") log.error(`${name}is parked for ${state.waitMs / 60_000} minutes: ${reason}`, { source, code });
	else if (scope === undefined)
		log.warn(`cannot be asked now, and again in ${Math.ceil(state.waitMs / 1000)} s: ${reason}`, { source, code });
}

function silenceText({ kind, sinceMs, untilMs }: SilenceFact): string {
	const [since, until] = [sinceMs, untilMs].map((ms) => new Date(ms).toISOString());
	return kind === "silent"
		? `has sent nothing since ${since}: its log is empty up to ${until}`
		: `speaks again at ${until}, after its silence since ${since}`;
}
