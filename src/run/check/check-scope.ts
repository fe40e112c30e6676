/** Looks at one scope: whether audit records come, how many and how late, how far behind we are, and what collecting costs. */

import type { Pulls, Scope } from "../../contract/connector.ts";
import type { SourceConfig } from "../config/config-source.ts";
import { printable } from "../printable.ts";
import type { Advice } from "./check-advice.ts";
import { failure, notesOf, type Surroundings } from "./check-around.ts";
import { factsOf, type ScopeFacts } from "./check-facts.ts";
import type { Limited } from "./check-limits.ts";
import { type Finding, fail, ok, type ScopeReport, warn } from "./check-report.ts";
import { hasEvents, type Reading, type Sample, takeSample } from "./check-sample.ts";
import { startOf } from "./check-ways-in.ts";
import { bytes, number, span } from "./check-words.ts";

export interface ScopeCheck {
	readonly source: SourceConfig;
	readonly scope: Scope;
	readonly pulls: Pulls<never>;
	readonly advice: Advice;
	readonly limited: Limited;
	readonly surroundings: Surroundings;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SAMPLE_MS = 10 * MINUTE_MS;
/** A log service's own delay is minutes at most. */
const LATE_MS = 15 * MINUTE_MS;
/** A clock that is off by more than this is not ours alone to blame on delays. */
const SKEW_MS = MINUTE_MS;
/** So many events with no read among them mean that reads are not logged. */
const EVENTS_WITH_READS = 50;

export async function checkScope(check: ScopeCheck): Promise<ScopeReport> {
	const { scope, limited, surroundings } = check;
	const { name, origin, retentionMs } = scope;
	const known = { name, origin, ...(retentionMs === undefined ? {} : { retentionMs }) };
	const place = ok("scope", placeText(scope));
	try {
		const { facts, findings } = await limited.within(() => readScope(check));
		return { ...known, findings: [place, ...findings, ...notesOf(limited), await behind(check)], facts };
	} catch (error) {
		surroundings.signal.throwIfAborted();
		return { ...known, findings: [place, ...notesOf(limited), failure(error), await behind(check)] };
	}
}

async function readScope(check: ScopeCheck): Promise<{ readonly facts: ScopeFacts; readonly findings: readonly Finding[] }> {
	const { source, scope, pulls, advice, limited, surroundings } = check;
	const { connector, settings, timing } = source;
	const { host, deadlineMs } = limited;
	const reading: Reading = { connector, pulls, settings, scope, timing, host, deadlineMs };
	const sample = await takeSample(reading, SAMPLE_MS);
	const asking = advice.asking(settings, { ...timing, ...(sample.overlapMs === undefined ? {} : { overlapMs: sample.overlapMs }) });
	const facts = factsOf(sample, asking, surroundings.clock.now());
	const audit = sample.events > 0 ? isOn(sample, facts) : await earlier(reading, sample, check);
	const identity = ok("identity", "may read it");
	return { facts, findings: [identity, audit, ...volume(sample, facts), ...delay(facts), ...categories(sample, advice), cost(facts)] };
}

function placeText({ origin, retentionMs }: Scope): string {
	const { clusterName, clusterId, account, region } = origin;
	const cluster = clusterName ?? clusterId;
	const parts = [
		cluster === undefined ? "any cluster" : `cluster ${cluster}`,
		...(account === undefined ? [] : [`account ${account}`]),
		...(region === undefined ? [] : [`region ${region}`]),
		retentionMs === undefined ? "kept for ever, or nobody says for how long" : `kept for ${span(retentionMs)}`,
	];
	return printable(parts.join(", "), 400);
}

function isOn({ isCut }: Sample, { newestAgeMs = 0 }: ScopeFacts): Finding {
	if (isCut) return ok("audit log", "on: more came in ten minutes than could be read in the time given");
	if (newestAgeMs > -SKEW_MS) return ok("audit log", `on: the newest event is ${span(Math.max(0, newestAgeMs))} old`);
	const text = `on, but the newest event is of a time ${span(-newestAgeMs)} ahead of this machine's clock`;
	return warn("audit log", text, "set this machine's clock (NTP)");
}

/** Nothing lately: whether there ever was something tells a quiet cluster, or a broken one, from one that does not log. */
async function earlier(reading: Reading, { records, isCut }: Sample, { source, scope, advice }: ScopeCheck): Promise<Finding> {
	const nowMs = reading.host.clock.now();
	const others = records === 0 ? "" : ` (${number(records)} other records)`;
	if (isCut) return warn("audit log", `no audit event among what could be read in the time given${others}`);
	for (const hours of [1, 24]) {
		const has = await hasEvents(reading, nowMs - hours * HOUR_MS, nowMs - SAMPLE_MS);
		const stretch = hours === 1 ? "hour" : "24 hours";
		if (has === undefined)
			return warn("audit log", `no event in the last ten minutes${others}; the ${stretch} before took too long to read`);
		if (has)
			return warn(
				"audit log",
				`no event in the last ten minutes${others}, but some in the last ${stretch}`,
				"an API server that logs is never silent for long: see whether the cluster runs, and whether audit logging was switched off",
			);
	}
	return fail("audit log", `no event in the last 24 hours${others}: ${advice.silence}`, advice.auditLogging(scope, source.settings));
}

function volume({ records, skipped, bad }: Sample, facts: ScopeFacts): readonly Finding[] {
	if (records === 0) return [];
	const rate = `${number(facts.eventsPerMinute)} events a minute (${bytes(facts.bytesPerMinute)}) over the last ${span(facts.sampleMs)}`;
	const counts = (of: ReadonlyMap<string, number>): string => [...of].map(([name, count]) => `${name} ${number(count)}`).join(", ");
	const beside = skipped.size === 0 ? "" : `; skipped: ${counts(skipped)}`;
	const found = ok("volume", `${rate}${beside}`);
	if (bad.size === 0) return [found];
	return [found, warn("records", `some cannot be read and would go to quarantine: ${counts(bad)}`)];
}

function delay({ delayMedianMs, delayMaxMs }: ScopeFacts): readonly Finding[] {
	if (delayMedianMs === undefined || delayMaxMs === undefined) return [];
	const text = `${span(delayMedianMs)} from event to log service in the middle, ${span(delayMaxMs)} at most`;
	return [
		delayMedianMs > LATE_MS
			? warn("delay", text, "the log service takes events in late; nothing here can make that faster")
			: ok("delay", text),
	];
}

function categories({ events, reads, clusters }: Sample, { reads: advice }: Advice): readonly Finding[] {
	if (events === 0) return [];
	const of = clusters.size === 0 ? "" : `; of ${printable([...clusters].join(", "), 300)}`;
	if (reads > 0) return [ok("categories", `reads and writes${of}`)];
	if (events < EVENTS_WITH_READS || advice === undefined) return [ok("categories", `writes, as far as ${number(events)} events tell${of}`)];
	return [warn("categories", `writes only${of}`, advice)];
}

function cost({ callsPerHour, readFactor }: ScopeFacts): Finding {
	return ok("cost", `about ${number(callsPerHour)} calls an hour; each record is read ${readFactor.toFixed(1)} times`);
}

/** The cursor is the connector's own; that its `watermark` is a time is a custom of all that use the shared loop. */
async function behind({ source, scope, surroundings }: ScopeCheck): Promise<Finding> {
	const { checkpoints, clock } = surroundings;
	const nowMs = clock.now();
	const saved = await checkpoints?.load({ source: source.id, scope: scope.name, tier: "fast" }).catch((error: Error) => error);
	if (saved instanceof Error) return fail("progress", saved.message);
	if (saved === undefined) {
		const agoMs = nowMs - startOf(source.since, nowMs);
		return ok("progress", `no checkpoint yet: collection would begin ${agoMs === 0 ? "now" : `${span(agoMs)} back`}`);
	}
	const lagMs = nowMs - Date.parse(String(saved.cursor["watermark"]));
	if (!Number.isFinite(lagMs)) return ok("progress", "there is a checkpoint; it does not say of which time");
	const { retentionMs } = scope;
	if (retentionMs !== undefined && lagMs > retentionMs)
		return fail("progress", `${span(lagMs)} behind, and the service keeps only ${span(retentionMs)}: what lies between is lost`);
	if (lagMs > LATE_MS) return warn("progress", `${span(lagMs)} behind`, "if the collector runs, look at its log; else start it");
	return ok("progress", `${span(lagMs)} behind`);
}
