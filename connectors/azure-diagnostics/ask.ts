/** Asks Log Analytics one query until it answers, and tells apart what the answer means for the reader. */

import { CollectorError } from "../../src/contract/errors.ts";
import type { Attempt } from "../../src/pull/attempts.ts";
import type { Client, Plan, QueryAnswer, Timespan } from "./client.ts";
import { collectorErrorOf, refusalOf } from "./client-error.ts";
import { type Answer, garbled, readAnswer } from "./query-answer.ts";
import type { Settings } from "./settings.ts";

export interface Question {
	readonly table: string;
	readonly plan: Plan;
	readonly query: string;
	/** Of TimeGenerated. */
	readonly timespan: Timespan;
	/** If the service's time was not enough, less is to be asked for; otherwise that is an outage, and the same is asked again. */
	readonly isDivisible?: boolean;
}

export type Outcome =
	| { readonly kind: "answer"; readonly answer: Answer; readonly servedAtMs?: number }
	/** More rows match than an answer can hold, or than the service can look through in time. */
	| { readonly kind: "too-much" }
	/** The table can only be searched. */
	| { readonly kind: "basic" }
	| { readonly kind: "missing" };

export type Ask = (question: Question, signal: AbortSignal) => Promise<Outcome>;

/** The service's limits are not met exactly: an answer this near to one may have been cut. */
const NEAR = 0.9;

export interface AskOptions {
	readonly client: Client;
	readonly attempt: Attempt;
	readonly workspaceId: string;
	readonly limits: Pick<Settings["limits"], "answerBytesMax" | "answerRowsMax" | "queryTimeoutSeconds">;
}

/** Every call goes through `attempt`. Throws a CollectorError. */
export function createAsk({ client, attempt, workspaceId, limits }: AskOptions): Ask {
	async function once(question: Question, signal: AbortSignal): Promise<Outcome> {
		const { table, plan, query, timespan } = question;
		const request = {
			plan,
			query,
			timespan,
			workspaceId,
			serverTimeoutSeconds: limits.queryTimeoutSeconds,
			bytesMax: limits.answerBytesMax,
		};
		let answer: QueryAnswer;
		try {
			answer = await client.query(request, signal);
		} catch (error) {
			signal.throwIfAborted();
			const refusal = refusalOf(error);
			if (refusal === "too-long" && question.isDivisible) return { kind: "too-much" };
			if (refusal !== undefined && refusal !== "too-long") return { kind: refusal };
			throw collectorErrorOf(error, { workspaceId, table });
		}
		return outcomeOf(answer);
	}

	function outcomeOf({ status, body, servedAtMs }: QueryAnswer): Outcome {
		if (status === "too-large") return { kind: "too-much" };
		if (status === "no-content") throw emptyWorkspace(workspaceId);
		const answer = readAnswer(body);
		if (answer === undefined) throw garbled();
		if (answer.isPartial || answer.rowCount >= NEAR * limits.answerRowsMax) return { kind: "too-much" };
		return { kind: "answer", answer, ...(servedAtMs === undefined ? {} : { servedAtMs }) };
	}

	return (question, signal) => attempt(() => once(question, signal), signal);
}

/** Status 204 is no way of saying "no rows" (source-semantics 3.2). */
function emptyWorkspace(workspaceId: string): CollectorError {
	return new CollectorError(
		"CONFIG_INVALID",
		`workspace ${workspaceId} is empty: check its id, and that the clusters' diagnostic settings send kube-audit or kube-audit-admin to it`,
	);
}
