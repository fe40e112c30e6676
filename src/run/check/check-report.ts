/** What `kube-audit check` found: marked findings on sources, scopes, stores and sinks, in a shape for views and programs. */

import type { Origin } from "../../contract/record.ts";
import type { ScopeFacts } from "./check-facts.ts";

/** "warn": it works, and somebody should know; "fail": it does not work, or collects nothing. */
export type Mark = "ok" | "warn" | "fail";

export interface Finding {
	readonly mark: Mark;
	/** What was looked at, in a word or two. */
	readonly about: string;
	/** What was found, in one line without a full stop. */
	readonly text: string;
	/** What to do about it: one line, maybe a command. */
	readonly advice?: string;
}

export interface Place {
	readonly name: string;
	readonly findings: readonly Finding[];
}

export interface ScopeReport extends Place {
	readonly origin: Origin;
	readonly retentionMs?: number;
	/** Absent if it could not be read. */
	readonly facts?: ScopeFacts;
}

export interface SourceReport extends Place {
	readonly connector: string;
	readonly scopes: readonly ScopeReport[];
}

export interface CheckReport {
	readonly sources: readonly SourceReport[];
	/** What all sources together will ask of each quota. */
	readonly quotas: readonly Place[];
	readonly checkpoints: Place;
	readonly quarantine: Place;
	readonly sinks: readonly Place[];
}

export const ok = (about: string, text: string): Finding => ({ mark: "ok", about, text });

export const warn = (about: string, text: string, advice?: string): Finding => marked("warn", about, text, advice);

export const fail = (about: string, text: string, advice?: string): Finding => marked("fail", about, text, advice);

function marked(mark: Mark, about: string, text: string, advice: string | undefined): Finding {
	return { mark, about, text, ...(advice === undefined ? {} : { advice }) };
}

/** Everything that was found, in order. */
export function findingsOf({ sources, quotas, checkpoints, quarantine, sinks }: CheckReport): readonly Finding[] {
	const places: readonly Place[] = [
		...sources.flatMap((source) => [source, ...source.scopes]),
		...quotas,
		checkpoints,
		quarantine,
		...sinks,
	];
	return places.flatMap(({ findings }) => findings);
}
