/** Runs one source: finds its scopes, keeps a pipeline going for each, and follows clusters that come and go. */

import type { CheckpointStore } from "../contract/checkpoint.ts";
import type { Connector, Host, Pulls, Reconcile, Reconciled, ReconcileTiming, Scope, Stretch, Timing } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Meter } from "../contract/meter.ts";
import type { Origin } from "../contract/record.ts";
import type { Route } from "../contract/route.ts";
import type { Quarantine } from "../contract/sink.ts";
import type { Tally } from "../contract/tally.ts";
import type { Gate } from "../pipeline/gate.ts";
import type { PipelineLimits } from "../pipeline/pipeline.ts";
import type { Observer } from "../pipeline/prepare.ts";
import { DEFAULT_SUPERVISION, keepRunning, type SourceState, type Supervision } from "../pipeline/supervise.ts";

/** A source as the settings describe it. */
export interface SourcePlan {
	readonly id: string;
	readonly connector: Connector;
	/** Checked by the connector's schema. */
	readonly settings: unknown;
	readonly labels: Readonly<Record<string, string>>;
	/** Where to begin if there is no checkpoint, epoch milliseconds. */
	readonly startMs: number;
	/** Begin there whatever the checkpoints say. */
	readonly isForced?: boolean;
	readonly timing: Partial<Timing>;
	/** Absent: what was seen is not compared with what the service counts. */
	readonly reconcile?: ReconcileTiming;
	readonly until: "stopped" | "caught-up";
}

/** What is known of a scope at any time, for those who look from outside. */
export interface ScopeWatch {
	readonly source: string;
	readonly scope: Scope | undefined;
	state(state: SourceState): void;
	/** A cursor was saved: all up to this is settled. */
	settled(watermarkMs: number): void;
	/** The service no longer kept it when it was to be read. */
	gap?(stretch: Stretch): void;
	/** What was seen of a stretch was compared with what the service counts. */
	reconciled?(outcome: Reconciled): void;
	/** That could not be done, and is tried again later. */
	notReconciled?(error: unknown): void;
	/** The scope is not collected from any more, on purpose. */
	ended(): void;
}

/** What all sources of a process share. */
export interface Shared {
	readonly store: CheckpointStore;
	readonly routes: readonly Route[];
	readonly quarantine: Quarantine;
	readonly gate: Gate;
	readonly limits: PipelineLimits;
	readonly supervision?: Supervision;
	readonly host: Host;
	pullsOf(connector: Connector): Pulls<never>;
	watch(plan: SourcePlan, scope: Scope | undefined): ScopeWatch;
	meterOf(plan: SourcePlan, origin: Origin): Meter;
	observerOf(plan: SourcePlan, scope: Scope): Observer;
	/** Counts of a scope's pipeline when it has ended. */
	done(plan: SourcePlan, scope: Scope, tallies: readonly Tally[]): void;
}

/** How often clusters that came or went are looked for. */
const DISCOVERY_MS = 10 * 60_000;
const FAILED_DISCOVERY_MS = 60_000;

/**
 * Resolves once the source has come to its end or `stop` fired and all in flight is settled. A scope that fails for good
 * does not stop the others; what it failed with has been told to its watch.
 */
export async function runSource(plan: SourcePlan, shared: Shared, stop: AbortSignal): Promise<void> {
	const pulls = shared.pullsOf(plan.connector);
	const running = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();

	function start(scope: Scope): void {
		const ended = new AbortController();
		const done = runScope(plan, labelled(scope, plan.labels), pulls, shared, AbortSignal.any([stop, ended.signal]));
		running.set(scope.name, { stop: ended, done });
	}

	for (let isFirst = true; !stop.aborted; isFirst = false) {
		const scopes = await findScopes(plan, pulls, shared, stop, isFirst);
		for (const scope of scopes ?? []) if (!running.has(scope.name)) start(scope);
		for (const [name, scope] of running) {
			if (scopes === undefined || scopes.some((found) => found.name === name)) continue;
			scope.stop.abort();
			running.delete(name);
		}
		if (plan.until === "caught-up") break;
		await shared.host.clock.wait(DISCOVERY_MS, stop).catch(() => {});
	}
	await Promise.all([...running.values()].map(({ done }) => done));
}

/** Undefined: they cannot be told now. At first that is waited out; later those that are known go on. */
async function findScopes(
	plan: SourcePlan,
	pulls: Pulls<never>,
	shared: Shared,
	stop: AbortSignal,
	isFirst: boolean,
): Promise<readonly Scope[] | undefined> {
	const { host } = shared;
	const watch = shared.watch(plan, undefined);
	for (;;) {
		try {
			const meter = shared.meterOf(plan, { connector: plan.connector.name });
			const scopes = await pulls.scopes(plan.settings as never, { ...host, meter, signal: AbortSignal.any([host.signal, stop]) });
			watch.ended();
			return scopes;
		} catch (error) {
			if (stop.aborted || host.signal.aborted) return undefined;
			const known = error instanceof CollectorError ? error : new CollectorError("CONFIG_INVALID", `${error}`, { cause: error });
			const isFinal = known.action !== "retry" && known.action !== "park";
			if (isFinal || plan.until === "caught-up") watch.state({ kind: "stopped", error: known });
			if (!isFirst || isFinal || plan.until === "caught-up") return undefined;
			const waitMs = known.action === "park" ? (shared.supervision ?? DEFAULT_SUPERVISION).parkMs : FAILED_DISCOVERY_MS;
			watch.state({ kind: known.action === "park" ? "parked" : "waiting", error: known, waitMs });
			await host.clock.wait(waitMs, stop).catch(() => {});
		}
	}
}

async function runScope(plan: SourcePlan, scope: Scope, pulls: Pulls<never>, shared: Shared, stop: AbortSignal): Promise<void> {
	const { host, store, routes, quarantine, gate, limits } = shared;
	const watch = shared.watch(plan, scope);
	const scopeHost: Host = {
		...host,
		meter: shared.meterOf(plan, scope.origin),
		log: (line) => host.log(`${plan.id}: ${line}`),
		gap: (stretch) => watch.gap?.(stretch),
	};
	const reconcile = reconcileOf(plan, scope, pulls, scopeHost, watch);
	let isForced = plan.isForced === true;
	const supervision: Supervision = {
		...(shared.supervision ?? DEFAULT_SUPERVISION),
		...(plan.until === "caught-up" ? { failuresMax: 3 } : {}),
		onState: (state) => watch.state(state),
	};
	try {
		const tallies = await keepRunning(
			{
				open(saved, signal) {
					const known = isForced ? new Map() : (saved.get(scope.name) ?? new Map());
					isForced = false;
					const { settings, startMs, timing, until } = plan;
					const request = { settings: settings as never, scope, saved: known, startMs, timing, until, ...reconcile };
					return pulls.read({ ...request, host: { ...scopeHost, signal } });
				},
				partitions: [scope.name],
				connectorOf: () => plan.connector,
				routes,
				quarantine,
				checkpoints: { source: plan.id, store: watched(store, watch) },
				observer: shared.observerOf(plan, scope),
				limits,
				gate,
				host: scopeHost,
				stop,
			},
			supervision,
		);
		shared.done(plan, scope, tallies);
		watch.ended();
	} catch (error) {
		// It has been told to the watch; the other scopes go on.
		host.log(`${plan.id}: ${scope.name} has stopped: ${error instanceof CollectorError ? error.message : String(error)}`);
	}
}

function reconcileOf(
	{ settings, reconcile }: SourcePlan,
	scope: Scope,
	pulls: Pulls<never>,
	host: Host,
	watch: ScopeWatch,
): { readonly reconcile?: Reconcile } {
	if (reconcile === undefined || pulls.count === undefined) return {};
	const asked = { settings: settings as never, scope };
	return {
		reconcile: {
			...reconcile,
			count: async (stretch, binMs, signal) =>
				(await pulls.count?.({ ...asked, ...stretch, binMs, host: { ...host, signal } })) ?? new Map(),
			reconciled: (outcome) => watch.reconciled?.(outcome),
			failed: (error) => watch.notReconciled?.(error),
		},
	};
}

function watched(store: CheckpointStore, watch: ScopeWatch): CheckpointStore {
	return {
		load: (key) => store.load(key),
		async save(key, cursor, expected) {
			const version = await store.save(key, cursor, expected);
			const watermarkMs = Date.parse(String(cursor["watermark"]));
			if (key.tier === "fast" && Number.isFinite(watermarkMs)) watch.settled(watermarkMs);
			return version;
		},
	};
}

function labelled(scope: Scope, labels: Readonly<Record<string, string>>): Scope {
	return Object.keys(labels).length === 0
		? scope
		: { ...scope, origin: { ...scope.origin, labels: { ...scope.origin.labels, ...labels } } };
}
