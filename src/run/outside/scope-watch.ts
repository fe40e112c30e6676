/** Follows one scope of a source, or the search for its scopes: state, failure, progress, watermark; a part of the lookout. */

import { CollectorError } from "../../contract/errors.ts";
import type { SourceState } from "../../pipeline/supervise.ts";
import type { Failure, SourceStateName, SourceView } from "./health.ts";

/** Whom and how to follow. */
export interface Followed {
	readonly source: string;
	readonly connector: string;
	readonly scope?: string;
	readonly pollIntervalMs: number;
	readonly overlapMs: number;
}

export interface Follower {
	view(): SourceView;
	changed(state: SourceState): void;
	/** A cursor with that watermark was saved. */
	settled(watermarkMs: number): void;
	/** That is how far an earlier run came. */
	resumed(watermarkMs: number): void;
	/** Something of it reached a sink. */
	progressed(): void;
	/** The overlap at present. */
	overlaps(overlapMs: number): void;
}

export interface FollowSurroundings {
	now(): number;
	/** Takes secrets out of a text. */
	redact(text: string): string;
}

const FAILURE_CHARS_MAX = 500;

export function follow(followed: Followed, { now, redact }: FollowSurroundings): Follower {
	const startedMs = now();
	let state: SourceStateName = "running";
	let stateSinceMs = startedMs;
	let progressAtMs = startedMs;
	let failure: Failure | undefined;
	let watermarkMs: number | undefined;
	let hasPolled = false;
	let { overlapMs } = followed;

	function progressed(): void {
		progressAtMs = now();
		// What it failed with has been got over; what parks or stops it is not got over by what was still in flight.
		if (state === "running") failure = undefined;
	}

	return {
		progressed,
		changed(next) {
			if (next.kind !== state) stateSinceMs = now();
			state = next.kind;
			if (next.kind !== "running") failure = failureOf(next.error, redact);
		},
		settled(ms) {
			const hasMoved = watermarkMs === undefined || ms > watermarkMs;
			watermarkMs = ms;
			hasPolled = true;
			if (hasMoved) progressed();
		},
		resumed(ms) {
			watermarkMs ??= ms;
		},
		overlaps(ms) {
			overlapMs = ms;
		},
		view: () => ({
			...followed,
			overlapMs,
			state,
			stateSinceMs,
			progressAtMs,
			hasPolled,
			...(failure === undefined ? {} : { failure }),
			...(watermarkMs === undefined ? {} : { watermarkMs }),
		}),
	};
}

/** Of a fault of ours only its name is told: its text may hold anything. */
function failureOf(error: unknown, redact: (text: string) => string): Failure {
	if (!(error instanceof CollectorError)) return { text: "a fault of this program" };
	return { code: error.code, action: error.action, text: redact(error.message).slice(0, FAILURE_CHARS_MAX) };
}
