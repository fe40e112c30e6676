/** The tables of Log Analytics in which audit events lie, and which of them a workspace has. */

import type { Clock } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Ask } from "./ask.ts";
import type { Plan } from "./client.ts";
import { existsQuery } from "./kql.ts";

/** A table with all events of a cluster comes before the one with its writes only. */
export const TABLES = ["AKSAudit", "AKSAuditAdmin", "ArcK8sAudit", "ArcK8sAuditAdmin", "AzureDiagnostics"] as const;

export type TableName = (typeof TABLES)[number];

export interface Table {
	readonly name: TableName;
	readonly plan: Plan;
	/** The table that has every row of this one too, of clusters that send to both (source-semantics 3.1). */
	readonly whole?: Table;
}

const WHOLE: Readonly<Partial<Record<TableName, TableName>>> = { AKSAuditAdmin: "AKSAudit", ArcK8sAuditAdmin: "ArcK8sAudit" };

/** Shorter than polls overlap: what a new table gets before it is known is still inside the overlap. */
const PROBE_INTERVAL_MS = 300_000;
const HOUR_MS = 3_600_000;

/** Those that exist and can be read now. Throws ACCESS_DENIED if all that exist are denied, and CONFIG_INVALID if none exists. */
export type Tables = (signal: AbortSignal) => Promise<readonly Table[]>;

export interface TableOptions {
	readonly ask: Ask;
	readonly clock: Clock;
	readonly workspaceId: string;
	/** What the user named: then each is read, whatever another one holds, and has to exist. */
	readonly named?: readonly TableName[] | undefined;
}

/** Asks which tables a workspace has, again every few minutes, since a diagnostic setting may bring one at any time. */
export function createTables({ ask, clock, workspaceId, named }: TableOptions): Tables {
	let known: readonly Table[] = [];
	let knownUntilMs = Number.NEGATIVE_INFINITY;

	/** Undefined: there is no such table. */
	async function planOf(name: TableName, signal: AbortSignal): Promise<Plan | undefined> {
		const timespan = { fromMs: clock.now() - HOUR_MS, toMs: clock.now() };
		const { kind } = await ask({ table: name, plan: "analytics", query: existsQuery(name), timespan }, signal);
		return kind === "missing" ? undefined : kind === "basic" ? "basic" : "analytics";
	}

	async function probe(signal: AbortSignal): Promise<readonly Table[]> {
		const found = new Map<TableName, Table>();
		let denial: CollectorError | undefined;
		for (const name of named ?? TABLES) {
			try {
				const plan = await planOf(name, signal);
				const whole = named === undefined ? found.get(WHOLE[name] ?? name) : undefined;
				if (plan !== undefined) found.set(name, { name, plan, ...(whole === undefined ? {} : { whole }) });
				else if (named !== undefined) throw missing(workspaceId, name);
			} catch (error) {
				// Rights may be given table by table: one that is denied matters only if it was asked for, or is the only one.
				if (!(error instanceof CollectorError) || error.code !== "ACCESS_DENIED" || named !== undefined) throw error;
				denial ??= error;
			}
		}
		if (found.size === 0) throw denial ?? missing(workspaceId, TABLES.join(", "));
		return [...found.values()];
	}

	return async (signal) => {
		if (clock.now() < knownUntilMs) return known;
		known = await probe(signal);
		knownUntilMs = clock.now() + PROBE_INTERVAL_MS;
		return known;
	};
}

function missing(workspaceId: string, names: string): CollectorError {
	return new CollectorError(
		"CONFIG_INVALID",
		`workspace ${workspaceId} has no table ${names}: send the clusters' categories kube-audit or kube-audit-admin to it` +
			" (a new diagnostic setting may take 90 minutes to flow), or name other tables",
	);
}
