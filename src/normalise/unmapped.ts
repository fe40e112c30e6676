/** What has no home in OCSF, at its own path, so that it can be put back exactly; and what the collector says itself. */

import type { AuditEvent, Extra } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import type { OcsfUnmapped } from "../contract/ocsf-event.ts";
import { objectAt, type Piece, type Pieces, plainOf, tree, whole } from "../json/pieces.ts";
import { newTree, place } from "../json/tree.ts";
import { userLeftovers } from "./actor.ts";
import { bodyLeftovers, statusLeftovers } from "./api.ts";
import type { Source } from "./endpoints.ts";
import { targetLeftovers } from "./resources.ts";
import { type EventTime, isLeft, isStageTime, type ReadTime, timeLeftovers } from "./times.ts";

/** What policy did on the way here. */
export interface Treatment {
	/** Rule -> values replaced. */
	readonly redacted: ReadonlyMap<string, number>;
	/** The filter rule that dropped bodies. */
	readonly reduced?: { readonly rule: string };
}

/** What was found out about the event on the way. */
interface Findings {
	readonly time: EventTime;
	readonly start: ReadTime | undefined;
	readonly logged: ReadTime | undefined;
	readonly inferred: readonly string[];
	readonly source: Source;
	readonly treatment: Treatment;
}

/** Undefined if everything has its home, and there is nothing to say. */
export function unmappedOf(decoded: DecodedEvent, findings: Findings): Piece<{ readonly unmapped: OcsfUnmapped }> | undefined {
	const audit = auditLeftovers(decoded.event, findings);
	const { rest } = decoded.envelope;
	const collector = collectorNotes(decoded, findings);
	if (audit === undefined && rest === undefined && collector === undefined) return undefined;
	return objectAt("unmapped", audit, rest && objectAt("envelope", tree(rest)), collector && objectAt("collector", collector));
}

const leftOfUser = userLeftovers("user");
const leftOfImpersonated = userLeftovers("impersonatedUser");

function auditLeftovers(event: AuditEvent, { start, source }: Findings): Piece<{ readonly audit: JsonObject }> | undefined {
	const { user, objectRef, impersonatedUser, responseStatus, verb, authenticationMetadata, extras } = event;
	const pieces: Pieces = [
		user && leftOfUser(user),
		source.leftovers,
		objectRef && targetLeftovers(objectRef),
		impersonatedUser && leftOfImpersonated(impersonatedUser),
		timeLeftovers("requestReceivedTimestamp", event.requestReceivedTimestamp, start),
		bodyLeftovers(event, "requestObject"),
		responseStatus && statusLeftovers(responseStatus),
		bodyLeftovers(event, "responseObject"),
		verb === "" ? tree({ verb }) : undefined,
		authenticationMetadata && tree({ authenticationMetadata: { ...authenticationMetadata } }),
	];
	if (extras !== undefined) return objectAt("audit", withExtras(pieces, extras));
	return pieces.some((piece) => piece !== undefined && !isEmpty(piece))
		? (objectAt("audit", ...pieces) as Piece<{ readonly audit: JsonObject }>)
		: undefined;
}

/** Extras may lie inside of what is left over of a member. */
function withExtras(pieces: Pieces, extras: readonly Extra[]): Piece<JsonObject> {
	const all = newTree(plainOf(whole(...pieces)) as JsonObject);
	for (const { path, value } of extras) place(all, path, value);
	return tree(all);
}

function isEmpty({ content }: Piece): boolean {
	for (const _ in content) return false;
	return true;
}

function collectorNotes({ truncated, repaired, rpcCode, envelope }: DecodedEvent, findings: Findings): Piece<JsonObject> | undefined {
	const { time, logged, inferred, treatment } = findings;
	const notes: [string, JsonValue][] = [];
	if (isLeft(envelope.loggedTime, logged)) notes.push(["logged_time", envelope.loggedTime]);
	if (inferred.length > 0) notes.push(["inferred", inferred]);
	if (!isStageTime(time)) notes.push(["time_source", time.from]);
	if (treatment.redacted.size > 0) notes.push(["redactions", Object.fromEntries(treatment.redacted)]);
	if (treatment.reduced !== undefined) notes.push(["reduced_by", treatment.reduced.rule]);
	if (repaired !== undefined) notes.push(["repaired", repaired.what]);
	if (rpcCode !== undefined) notes.push(["rpc_code", rpcCode]);
	if (truncated !== undefined) {
		const { sizeBytes, cutIn } = truncated;
		notes.push(["truncated", { arrived_bytes: sizeBytes, ...(cutIn === undefined ? {} : { cut_in: cutIn }) }]);
	}
	return notes.length === 0 ? undefined : tree(Object.fromEntries(notes));
}
