/** Live collection, assembled: settings -> stores, sinks and sources, run until stopped, and exchanged when settings change. */

import { openCheckpoints } from "../checkpoint/stores.ts";
import type { Connector, Host, Pulls } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import { NO_METER } from "../contract/meter.ts";
import type { Sink } from "../contract/sink.ts";
import { openQuarantineFile } from "../forward/quarantine.ts";
import { createGate } from "../pipeline/gate.ts";
import { DEFAULT_PIPELINE_LIMITS, type PipelineLimits } from "../pipeline/pipeline.ts";
import { createPolicy } from "../policy/policy.ts";
import type { Config } from "./config/config.ts";
import type { SourceConfig } from "./config/config-source.ts";
import { identityKeyOf, policySettingsOf } from "./config/policy-settings.ts";
import type { Environment } from "./config/references.ts";
import type { Schema } from "./config/schemas.ts";
import type { Outside } from "./outside/outside.ts";
import { createPrepare } from "./prepare.ts";
import { type HashedPlan, type Service, startService } from "./service.ts";
import { openSink } from "./sinks.ts";
import type { Shared } from "./source-runner.ts";

export interface CollectOptions {
	readonly config: Config;
	readonly env: Environment;
	readonly until: "stopped" | "caught-up";
	/** Begin there, whatever checkpoints say, epoch milliseconds. */
	readonly startFromMs?: number;
	/** Ends everything at once. */
	readonly kill: AbortSignal;
	/** Ends reading; what is in flight is settled. */
	readonly stop: AbortSignal;
	readonly host: Omit<Host, "signal" | "meter">;
	readonly outside: Outside;
	/** Told once everything is open; may exchange the sources while it runs. */
	onStarted?(service: CollectService): void;
}

interface CollectService {
	exchange(sources: readonly SourceConfig[]): ReturnType<Service["exchange"]>;
}

const LIMITS: PipelineLimits = { ...DEFAULT_PIPELINE_LIMITS, batchesInFlightMax: 64, bytesInFlightMax: 4 * 1024 * 1024 };

/** Resolves when every source has ended. Rejects with CONFIG_INVALID if something cannot be opened. */
export async function collect(options: CollectOptions): Promise<void> {
	const { config, outside, kill, stop } = options;
	const host: Host = { ...options.host, signal: kill, meter: NO_METER };
	await using opened = await openCheckpoints(config.checkpoints, { startAnew: options.startFromMs !== undefined });
	const store = outside.counted?.store(opened) ?? opened;
	await using quarantine = openQuarantineFile(config.quarantine);
	await using stack = new AsyncDisposableStack();
	const routes = await openRoutes(options, stack);
	const pulls = createWaysIn(host, options.env, stack);
	const gate = createGate({ batchesMax: LIMITS.batchesInFlightMax, bytesMax: LIMITS.bytesInFlightMax });
	const shared: Shared = {
		store,
		routes,
		quarantine,
		gate: outside.counted?.gate(gate) ?? gate,
		limits: LIMITS,
		host,
		pullsOf: pulls,
		watch: outside.watch,
		meterOf: outside.meterOf,
		observerOf: outside.observerOf,
		done: outside.done,
	};
	const plansOf = (sources: readonly SourceConfig[]): readonly HashedPlan[] => sources.map((source) => planOf(source, options));
	const inOcsf = routes.filter((_, i) => config.sinks[i]?.schema === "ocsf").map(({ sink }) => sink);
	outside.opened?.(inOcsf, store);
	const service = startService(plansOf(config.sources), shared, stop);
	options.onStarted?.({ exchange: (sources) => service.exchange(plansOf(sources)) });
	// A service waits for sources that settings may bring; one that is to catch up ends with its sources.
	if (options.until === "stopped") await untilAborted(AbortSignal.any([stop, kill]));
	await service.ended;
	await outside.ended?.(kill);
}

async function openRoutes({ config, host, outside }: CollectOptions, stack: AsyncDisposableStack): Promise<Shared["routes"]> {
	const policy = createPolicy(await policySettingsOf(config, [], true));
	const identityKey = await identityKeyOf(config);
	const ways = new Map<Schema, ReturnType<typeof createPrepare>>();
	const routes: { readonly sink: Sink; readonly prepare: ReturnType<typeof createPrepare> }[] = [];
	for (const { name, to, schema, required } of config.sinks) {
		if (!required) throw new CollectorError("CONFIG_INVALID", `the sink ${to} is not required: that is not supported yet`);
		const opened = stack.use(await openSink(to, schema, "append"));
		const sink = outside.counted?.sink(opened, name) ?? opened;
		const common = { schema, policy, clock: host.clock, ...(identityKey === undefined ? {} : { identityKey }) };
		const prepare = ways.get(schema) ?? createPrepare(common);
		ways.set(schema, prepare);
		routes.push({ sink, prepare });
	}
	return routes;
}

/** Each connector is opened once, when a source first needs it. */
function createWaysIn({ clock, log }: Host, env: Environment, stack: AsyncDisposableStack): (connector: Connector) => Pulls<never> {
	const opened = new Map<string, Pulls<never>>();
	const proxy = env["HTTPS_PROXY"] ?? env["https_proxy"] ?? env["HTTP_PROXY"] ?? env["http_proxy"];
	const noProxy = env["NO_PROXY"] ?? env["no_proxy"];
	const network = { ...(proxy ? { proxy } : {}), ...(noProxy ? { noProxy } : {}) };
	return (connector) => {
		const known = opened.get(connector.name);
		if (known !== undefined) return known;
		if (connector.pull === undefined) throw new CollectorError("CONFIG_INVALID", `${connector.name} cannot be collected from live`);
		const pulls = connector.pull.open({ clock, log, ...network });
		stack.defer(async () => pulls.close?.());
		opened.set(connector.name, pulls);
		return pulls;
	};
}

function planOf(source: SourceConfig, { host, until, startFromMs }: CollectOptions): HashedPlan {
	const { id, connector, settings, labels, since, timing, reconcile, hash } = source;
	const nowMs = host.clock.now();
	const sinceMs = since.kind === "at" ? since.ms : since.kind === "ago" ? nowMs - since.ms : nowMs;
	return {
		id,
		connector,
		settings,
		labels,
		startMs: startFromMs ?? sinceMs,
		isForced: startFromMs !== undefined,
		timing,
		...(reconcile === undefined ? {} : { reconcile }),
		until,
		hash,
	};
}

async function untilAborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
