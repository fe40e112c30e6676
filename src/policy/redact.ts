/** Redaction of a decoded event: nothing that the rules name leaves the house. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent, Envelope } from "../contract/decode.ts";
import type { RawJson } from "../contract/json.ts";
import { type CommonMembers, createCommonMembers, type MembersAbout } from "./common-members.ts";
import { adopt, type Counts, compileRules, type Pass, type Rules, verdictOf } from "./pass.ts";
import { type Profile, profileOfEvent } from "./profiles.ts";
import { redactMembers, redactRaw, replaceRaw } from "./redact-member.ts";
import { sameOrMapped } from "./same.ts";
import type { RedactionSettings } from "./settings.ts";
import { isSuspiciousJson } from "./trigger.ts";

export interface Redaction {
	readonly decoded: DecodedEvent;
	/** Rule -> how many values it replaced. */
	readonly redacted: Counts;
}

/** A pure function of a decoded event; the same object comes back if there is nothing to replace. */
export type Redactor = (decoded: DecodedEvent) => Redaction;

/** Nothing was replaced. */
const NO_COUNTS: Counts = new Map();

/**
 * Compiles settings. Once something is replaced, the original bytes of a repaired text are dropped, too.
 * Throws CONFIG_INVALID for a path that has no meaning.
 */
export function createRedactor(settings: RedactionSettings): Redactor {
	const rules = compileRules(settings);
	if (!settings.enabled) return (decoded) => ({ decoded, redacted: NO_COUNTS });
	const common = createCommonMembers(rules);
	return (decoded) => redact(rules, common, decoded);
}

function redact(rules: Rules, common: CommonMembers, decoded: DecodedEvent): Redaction {
	const pass: Pass = { rules, counts: undefined };
	const special = profileOfEvent(decoded.event);
	const profile = special !== undefined && rules.on[special.preset] ? special : undefined;
	// Of a record that was cut before it named its resource, nobody can tell whether a body is a Secret's.
	const isBlind = decoded.truncated !== undefined && decoded.event.objectRef?.resource === undefined && special === undefined;
	const event = redactEvent(pass, common, decoded.event, profile, isBlind);
	const envelope = redactEnvelope(pass, decoded.envelope, profile);
	const redacted = pass.counts ?? NO_COUNTS;
	const { repaired } = decoded;
	const hides = repaired?.original !== undefined && (redacted.size > 0 || hidesMore(repaired.what, repaired.original, profile));
	if (event === decoded.event && envelope === decoded.envelope && !hides) return { decoded, redacted };
	return { decoded: { ...decoded, event, envelope, ...(hides ? { repaired: { what: repaired.what } } : {}) }, redacted };
}

/** Of a repeated key the event has one value; the original has them all, and no rule has seen the others. */
function hidesMore(what: readonly string[], original: Uint8Array, profile: Profile | undefined): boolean {
	return what.includes("repeated-key") && (profile !== undefined || isSuspiciousJson(original));
}

/** The order is that in which rules are counted: what is remembered counts as if it had been found just now. */
function redactEvent(pass: Pass, common: CommonMembers, event: AuditEvent, profile: Profile | undefined, isBlind: boolean): AuditEvent {
	const about = common.about(profile);
	let redacted = redactHead(pass, common, about, event);
	const { requestObject, responseObject, extras } = event;
	if (requestObject !== undefined)
		redacted = withMember(redacted, "requestObject", redactRawBody(pass, requestObject, "requestObject", profile, isBlind));
	if (responseObject !== undefined)
		redacted = withMember(redacted, "responseObject", redactRawBody(pass, responseObject, "responseObject", profile, isBlind));
	const { responseStatus } = redacted;
	if (responseStatus !== undefined) redacted = withMember(redacted, "responseStatus", adopt(pass, about.statusObjects(responseStatus)));
	if (extras === undefined) return redacted;
	return withMember(
		redacted,
		"extras",
		sameOrMapped(extras, (extra) => adopt(pass, about.extra(extra))),
	);
}

function redactHead(pass: Pass, common: CommonMembers, about: MembersAbout, event: AuditEvent): AuditEvent {
	const { requestURI, userAgent, annotations, responseStatus, user, impersonatedUser } = event;
	let redacted = event;
	if (requestURI !== undefined) redacted = withMember(redacted, "requestURI", adopt(pass, common.requestURI(requestURI)));
	if (userAgent !== undefined) redacted = withMember(redacted, "userAgent", adopt(pass, common.userAgent(userAgent)));
	if (annotations !== undefined) redacted = withMember(redacted, "annotations", adopt(pass, about.annotations(annotations)));
	if (responseStatus !== undefined) redacted = withMember(redacted, "responseStatus", adopt(pass, about.message(responseStatus)));
	if (user !== undefined) redacted = withMember(redacted, "user", adopt(pass, common.user(user)));
	if (impersonatedUser !== undefined)
		redacted = withMember(redacted, "impersonatedUser", adopt(pass, common.impersonatedUser(impersonatedUser)));
	return redacted;
}

/** The event with the member as it is now; most stay as they were. */
function withMember<K extends keyof AuditEvent>(event: AuditEvent, name: K, value: AuditEvent[K]): AuditEvent {
	return value === event[name] ? event : { ...event, [name]: value };
}

function redactRawBody(pass: Pass, body: RawJson, name: string, profile: Profile | undefined, isBlind: boolean): RawJson {
	if (isBlind && pass.rules.readsBodies && verdictOf(pass, [name]) !== "keep") return replaceRaw(pass, "unreadable", body);
	return redactRaw(pass, body, [name], profile, true);
}

function redactEnvelope(pass: Pass, envelope: Envelope, profile: Profile | undefined): Envelope {
	if (envelope.rest === undefined) return envelope;
	const rest = redactMembers(pass, envelope.rest, ["envelope"], profile);
	return rest === envelope.rest ? envelope : { ...envelope, rest };
}
