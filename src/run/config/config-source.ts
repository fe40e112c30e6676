/** Checks one entry of `sources`: the keys that every source has by our schema, all others by its connector's. */

import { dirname, resolve } from "node:path";
import type { z } from "zod";
import type { Connector, ReconcileTiming, SettingsSchema, Timing } from "../../contract/connector.ts";
import { isObject } from "../../json/value.ts";
import { DEFAULT_TIMING } from "../../pull/timing.ts";
import { type Fault, type FaultContext, faultsOf, type Issue } from "./config-fault.ts";
import { type Since, sourceShape } from "./config-shape.ts";
import type { PlainValue } from "./config-tree.ts";
import { knownKeys } from "./known-keys.ts";
import { pullSettingsOf } from "./pull-settings.ts";
import { settingsHash } from "./settings-hash.ts";
import type { Path } from "./yaml-tree.ts";

/** One entry of `sources`, ready to run. */
export interface SourceConfig {
	readonly id: string;
	readonly connector: Connector;
	readonly labels: Readonly<Record<string, string>>;
	readonly since: Since;
	/** What the user said; the rest is the connector's to choose. */
	readonly timing: Partial<Timing>;
	readonly silence?: { readonly afterMs: number; readonly event: boolean };
	readonly reconcile?: ReconcileTiming;
	/** As the connector's own schema gave them. */
	readonly settings: unknown;
	/** Equal to another's of this process if nothing that the entry says has changed, secrets included; see `settingsHash`. */
	readonly hash: string;
}

export interface SourceChecked {
	/** Absent: there are faults. */
	readonly source?: SourceConfig;
	readonly faults: readonly Fault[];
}

/** What is known of connectors: the connector itself, or why there is none. */
export type FindConnector = (name: string) => Connector | { readonly fault: string };

export function checkSource(value: PlainValue, context: FaultContext, settingsPath: string, findConnector: FindConnector): SourceChecked {
	if (!isObject(value)) return { faults: faultsOf({ code: "invalid_type", expected: "object", message: "Invalid", path: [] }, context) };
	const isCommon = (key: string): boolean => key in sourceShape.shape;
	const common = sourceShape.safeParse(only(value, isCommon));
	const commonFaults = common.success
		? []
		: explain(common.error.issues, { ...context, keysAt: (path) => keysIn(sourceShape, path, context) });
	if (typeof value["connector"] !== "string") return { faults: commonFaults };
	const connector = findConnector(value["connector"]);
	if ("fault" in connector) return { faults: [...commonFaults, { path: [...context.base, "connector"], text: connector.fault }] };
	const schema = pullSettingsOf(connector) as SettingsSchema;
	const own = withPaths(
		only(value, (key) => !isCommon(key)),
		dirname(settingsPath),
	);
	const checked = checkOwn(schema, own, context);
	const faults = [...commonFaults, ...checked.faults, ...reconcileFaults(value, connector, context)];
	if (!common.success || faults.length > 0) return { faults };
	return { source: sourceOf(common.data, connector, checked.settings, settingsHash(value)), faults };
}

function reconcileFaults(value: Readonly<Record<string, unknown>>, { name, pull }: Connector, { base }: FaultContext): readonly Fault[] {
	if (value["reconcile"] === undefined || pull?.counts === true) return [];
	return [{ path: [...base, "reconcile"], text: `${name} cannot: its service has no count that costs less than reading again` }];
}

function only(value: Readonly<Record<string, unknown>>, isWanted: (key: string) => boolean): Record<string, unknown> {
	return Object.fromEntries(Object.entries(value).filter(([key]) => isWanted(key)));
}

/** Schemas of others may do anything, also throw. */
function checkOwn(
	schema: SettingsSchema,
	own: unknown,
	context: FaultContext,
): { readonly settings?: unknown; readonly faults: readonly Fault[] } {
	const failed = (text: string) => ({ faults: [{ path: context.base, text }] });
	let result: ReturnType<SettingsSchema["safeParse"]> & { readonly error?: { readonly issues?: readonly Issue[] } };
	try {
		result = schema.safeParse(own);
	} catch {
		return failed("the connector failed to check its settings");
	}
	if (result.success) return { settings: result.data, faults: [] };
	const keysAt = (path: Path): readonly string[] => [
		...keysIn(schema, path, context),
		...(path.length === context.base.length ? Object.keys(sourceShape.shape) : []),
	];
	const faults = explain(result.error?.issues ?? [], { ...context, keysAt });
	return faults.length === 0 ? failed("the connector does not accept its settings") : { faults };
}

function keysIn(schema: unknown, path: Path, { base }: FaultContext): readonly string[] {
	return knownKeys(schema, path.slice(base.length));
}

function explain(issues: readonly unknown[], context: FaultContext): readonly Fault[] {
	return issues.flatMap((issue) => faultsOf(issue as Issue, context));
}

/** By convention a key that ends in "file" holds a path: connectors do not know where the settings lie. */
function withPaths(value: unknown, folder: string, key = ""): unknown {
	if (typeof value === "string") return /(?:^f|F)ile$/.test(key) && value !== "" ? resolve(folder, value) : value;
	if (Array.isArray(value)) return value.map((item) => withPaths(item, folder, key));
	if (!isObject(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPaths(member, folder, name)]));
}

function sourceOf(common: z.output<typeof sourceShape>, connector: Connector, settings: unknown, hash: string): SourceConfig {
	const { id, labels, since, poll, silence, reconcile } = common;
	return {
		id,
		connector,
		labels,
		since,
		timing: timingOf(poll),
		...(silence === undefined ? {} : { silence: { afterMs: silence.after, event: silence.event } }),
		...(reconcile === undefined ? {} : { reconcile: { everyMs: reconcile.every, delayMs: reconcile.delay } }),
		settings,
		hash,
	};
}

function timingOf(poll: z.output<typeof sourceShape>["poll"]): Partial<Timing> {
	const [intervalMs, intervalMaxMs] = inOrder(poll.interval, poll.intervalMax, DEFAULT_TIMING.intervalMs, DEFAULT_TIMING.intervalMaxMs);
	const [overlapMs, overlapMaxMs] = inOrder(poll.overlap, poll.overlapMax, DEFAULT_TIMING.overlapMs, DEFAULT_TIMING.overlapMaxMs);
	const sweeps = poll.sweeps?.map(({ every, depth }) => ({ everyMs: every, depthMs: depth }));
	const given = Object.entries({ intervalMs, intervalMaxMs, overlapMs, overlapMaxMs, sweeps }).filter(([, chosen]) => chosen !== undefined);
	return Object.fromEntries(given);
}

/** Who sets only one of two bounds moves the other along if its default would be on the wrong side. */
function inOrder(low: number | undefined, high: number | undefined, lowDefault: number, highDefault: number) {
	return [
		low ?? (high !== undefined && high < lowDefault ? high : undefined),
		high ?? (low !== undefined && low > highDefault ? low : undefined),
	] as const;
}
