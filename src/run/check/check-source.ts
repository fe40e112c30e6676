/** Looks at one source as collection would see it: its identity, its scopes, and what each of them holds. */

import type { Scope } from "../../contract/connector.ts";
import type { SourceConfig } from "../config/config-source.ts";
import { type Advice, adviceOf } from "./check-advice.ts";
import { failure, notesOf, type Surroundings } from "./check-around.ts";
import { limit } from "./check-limits.ts";
import { type Finding, fail, ok, type SourceReport } from "./check-report.ts";
import { checkScope } from "./check-scope.ts";

/** What is looked at at once, of one source. */
const SCOPES_AT_ONCE = 8;

/** Never rejects but for the surroundings' signal; takes the limit and little more. */
export async function checkSource(source: SourceConfig, surroundings: Surroundings): Promise<SourceReport> {
	const advice = adviceOf(source.connector);
	const limits = { ...surroundings, startedMs: surroundings.clock.now(), throttled: advice.throttled };
	using limited = limit(limits);
	const named = { name: source.id, connector: source.connector.name };
	try {
		const pulls = surroundings.pullsOf(source.connector);
		const scopes = await limited.within(() => pulls.scopes(source.settings as never, limited.host));
		const findings = [...foundScopes(scopes, source, advice), ...notesOf(limited)];
		const reports = await inTurn(scopes, SCOPES_AT_ONCE, async (scope) => {
			// One that is throttled does not stop the others; the time is that of all together.
			using own = limit(limits);
			return checkScope({ source, scope, pulls, advice, limited: own, surroundings });
		});
		return { ...named, findings, scopes: reports };
	} catch (error) {
		surroundings.signal.throwIfAborted();
		return { ...named, findings: [...notesOf(limited), failure(error)], scopes: [] };
	}
}

function foundScopes(scopes: readonly Scope[], { settings }: SourceConfig, advice: Advice): readonly Finding[] {
	if (scopes.length > 0) return [ok("scopes", `${scopes.length} found`)];
	const nowhere: Scope = { name: "?", origin: { connector: "?" } };
	return [fail("scopes", "none found: nothing would be collected", `if audit logging is off: ${advice.auditLogging(nowhere, settings)}`)];
}

/** The results, in order; so many are under way at once. */
export async function inTurn<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
	const results: R[] = [];
	const rest = items.entries();
	await Promise.all(
		Array.from({ length: Math.min(atOnce, items.length) }, async () => {
			for (const [i, item] of rest) results[i] = await work(item);
		}),
	);
	return results;
}
