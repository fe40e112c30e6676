/** Judges from what is known of each source whether the process is alive and ready, and says what is wrong; pure. */

import type { ErrorAction } from "../../contract/errors.ts";

/** What is known of one scope of a source, or of the search for its scopes. */
export interface SourceView {
	readonly source: string;
	readonly connector: string;
	/** Absent: it is not known yet what there is to read. */
	readonly scope?: string;
	readonly state: SourceStateName;
	readonly stateSinceMs: number;
	/** What it failed with since it made progress last. */
	readonly failure?: Failure;
	/** When the watermark moved last or a batch was settled; if neither has happened, when it was started. */
	readonly progressAtMs: number;
	/** All up to here is settled. */
	readonly watermarkMs?: number;
	/** A poll was read to its end and settled. */
	readonly hasPolled: boolean;
	/** Between two polls, at most. */
	readonly pollIntervalMs: number;
	readonly overlapMs: number;
}

export type SourceStateName = "running" | "waiting" | "parked" | "stopped";

export interface Failure {
	/** Absent: a fault of this program. */
	readonly code?: string;
	readonly action?: ErrorAction;
	/** Without secrets. */
	readonly text: string;
}

/** As it stands in the answers of /healthz and /readyz. */
export interface Health {
	readonly alive: boolean;
	readonly ready: boolean;
	readonly sources: readonly SourceHealth[];
}

interface SourceHealth {
	readonly source: string;
	readonly connector: string;
	readonly scope?: string;
	readonly state: SourceStateName;
	/** RFC 3339. */
	readonly watermark?: string;
	readonly lagSeconds?: number;
	/** For people: what is wrong, and what follows. */
	readonly problem?: string;
}

/** How long a source may make no progress (source-semantics 7, rule 29), milliseconds. */
export function stillMaxMs({ pollIntervalMs, overlapMs }: Pick<SourceView, "pollIntervalMs" | "overlapMs">): number {
	return Math.max(10 * pollIntervalMs, 2 * overlapMs);
}

/**
 * Alive: no source stands still that a restart might move. Where it is known why one stands still (access is denied, or a
 * service cannot be reached while other sources go on), a restart would only stop the others, so that it counts as alive.
 * Ready: every source has completed its first poll, and none is parked, stopped or failing for long.
 */
export function healthOf(views: readonly SourceView[], nowMs: number): Health {
	const verdicts = views.map((view) => judge(view, nowMs));
	const isAnyGoingOn = verdicts.some(({ standing }) => standing === "no");
	return {
		alive: !verdicts.some(({ standing }) => standing === "stuck" || (standing === "failing" && !isAnyGoingOn)),
		ready: views.length > 0 && verdicts.every(({ isReady }) => isReady),
		sources: views.map((view, i) => told(view, nowMs, (verdicts[i] as Verdict).problem)),
	};
}

interface Verdict {
	/** "stuck": a restart may help. "failing": it is known why, and it is tried again. "parked": a restart would not help. */
	readonly standing: "no" | "stuck" | "failing" | "parked";
	readonly isReady: boolean;
	readonly problem?: string;
}

function judge(view: SourceView, nowMs: number): Verdict {
	const { state, failure, hasPolled } = view;
	const limitMs = stillMaxMs(view);
	const stillMs = nowMs - view.progressAtMs;
	const isLong = stillMs > limitMs;
	const inStateMs = nowMs - view.stateSinceMs;
	if (state === "stopped") return stopped(failure, inStateMs > limitMs);
	// It runs again after it failed: not before it has failed to get on for just as long is it stuck for a reason of its own.
	if (failure !== undefined && (state !== "running" || inStateMs <= limitMs)) {
		const isParked = failure.action === "park";
		const advice = isParked ? "tried again every few minutes; restarting would not help" : "trying again";
		const standing = isParked ? "parked" : isLong ? "failing" : "no";
		return { standing, isReady: hasPolled && standing === "no", problem: `${textOf(failure)}; ${advice}` };
	}
	if (isLong) {
		const problem = `no progress for ${seconds(stillMs)} s, longer than the ${seconds(limitMs)} s allowed`;
		return { standing: "stuck", isReady: false, problem };
	}
	if (hasPolled) return { standing: "no", isReady: true };
	const problem = view.scope === undefined ? "still looking for what to read" : "the first poll is not complete yet";
	return { standing: "no", isReady: false, problem };
}

/** Only a fault of ours may be gone after a restart; what the error table stops for needs somebody to change something. */
function stopped(failure: Failure | undefined, isLong: boolean): Verdict {
	if (failure?.code === undefined)
		return { standing: isLong ? "stuck" : "parked", isReady: false, problem: "stopped by a fault of this program; see its log" };
	return { standing: "parked", isReady: false, problem: `${textOf(failure)}; stopped, and restarting alone would not help` };
}

function textOf({ code, text }: Failure): string {
	return code === undefined ? text : `${code}: ${text}`;
}

function told({ source, connector, scope, state, watermarkMs }: SourceView, nowMs: number, problem: string | undefined): SourceHealth {
	return {
		source,
		connector,
		...(scope === undefined ? {} : { scope }),
		state,
		...(watermarkMs === undefined
			? {}
			: { watermark: new Date(watermarkMs).toISOString(), lagSeconds: seconds(Math.max(0, nowMs - watermarkMs)) }),
		...(problem === undefined ? {} : { problem }),
	};
}

function seconds(ms: number): number {
	return Math.round(ms / 1000);
}
