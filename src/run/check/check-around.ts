/** What looking at sources and looking at their scopes have in common: what they are given, and how they tell what went wrong. */

import type { CheckpointStore } from "../../contract/checkpoint.ts";
import type { Clock, Connector, Pulls } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import { redactSecrets } from "../config/secrets.ts";
import type { Limited } from "./check-limits.ts";
import { type Finding, fail, warn } from "./check-report.ts";

export interface Surroundings {
	pullsOf(connector: Connector): Pulls<never>;
	readonly clock: Clock;
	random(): number;
	/** How long one source may take. */
	readonly limitMs: number;
	readonly signal: AbortSignal;
	/** Only read. Absent: it cannot be opened, or is not there yet. */
	readonly checkpoints: Pick<CheckpointStore, "load"> | undefined;
}

/** What the connector said of its own accord. */
export function notesOf(limited: Limited): readonly Finding[] {
	return limited.notes().map((line) => warn("note", redactSecrets(line)));
}

const ABOUT: Readonly<Partial<Record<CollectorError["code"], string>>> = {
	ACCESS_DENIED: "identity",
	CONFIG_INVALID: "settings",
	SOURCE_THROTTLED: "quota",
};

/** The error says itself what is missing and what to do. */
export function failure(error: unknown): Finding {
	if (error instanceof CollectorError) return fail(ABOUT[error.code] ?? "service", redactSecrets(error.message));
	return fail("connector", redactSecrets(`a fault of the connector: ${(error as Error | undefined)?.message ?? String(error)}`));
}
