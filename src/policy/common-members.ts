/** Redaction of the members that events have in common: each is looked at once, and what became of it is remembered. */

import type { AuditEvent, AuditUser, Extra, ResponseStatus } from "../contract/audit-event.ts";
import { rememberEach, rememberTexts } from "../json/remember.ts";
import { type Pass, type Redacted, type Rules, redactApart } from "./pass.ts";
import type { Profile } from "./profiles.ts";
import { redactAt, redactMember, redactRaw } from "./redact-member.ts";
import { sameOrEntries, sameOrMapped } from "./same.ts";

type Redact<T> = (value: T) => Redacted<T>;
type Annotations = NonNullable<AuditEvent["annotations"]>;

/** Those that are the same whatever the event is about. Pure functions all. */
export interface CommonMembers {
	readonly requestURI: Redact<string>;
	readonly userAgent: Redact<string>;
	readonly user: Redact<AuditUser>;
	readonly impersonatedUser: Redact<AuditUser>;
	readonly about: (profile: Profile | undefined) => MembersAbout;
}

/** Those that may quote an object of the profile. */
export interface MembersAbout {
	readonly annotations: Redact<Annotations>;
	/** The status with its message redacted. */
	readonly message: Redact<ResponseStatus>;
	/** The status with the exact text in it redacted. */
	readonly statusObjects: Redact<ResponseStatus>;
	readonly extra: Redact<Extra>;
}

export function createCommonMembers(rules: Rules): CommonMembers {
	const text = (name: string): Redact<string> =>
		rememberTexts((value) => redactApart(rules, value, (pass) => redactAt(pass, value, [name], undefined)));
	const user = (name: string): Redact<AuditUser> =>
		rememberEach((value) => redactApart(rules, value, (pass) => redactUser(pass, name, value)));
	const ofNone = createMembersAbout(rules, undefined);
	const ofProfiles = new Map<Profile, MembersAbout>();
	return {
		requestURI: text("requestURI"),
		userAgent: text("userAgent"),
		user: user("user"),
		impersonatedUser: user("impersonatedUser"),
		about: (profile) => {
			if (profile === undefined) return ofNone;
			const known = ofProfiles.get(profile) ?? createMembersAbout(rules, profile);
			ofProfiles.set(profile, known);
			return known;
		},
	};
}

function createMembersAbout(rules: Rules, profile: Profile | undefined): MembersAbout {
	const remembered = <T extends object>(redact: (pass: Pass, value: T, profile: Profile | undefined) => T): Redact<T> =>
		rememberEach((value: T) => redactApart(rules, value, (pass) => redact(pass, value, profile)));
	return {
		annotations: remembered(redactAnnotations),
		message: remembered(redactMessage),
		statusObjects: remembered(redactStatusObjects),
		extra: remembered(redactExtra),
	};
}

function redactUser(pass: Pass, name: string, user: AuditUser): AuditUser {
	if (user.extra === undefined) return user;
	const extra = sameOrEntries(user.extra, (values, key) =>
		sameOrMapped(values, (value) => redactMember(pass, value, [name, "extra", key], undefined)),
	);
	return extra === user.extra ? user : { ...user, extra };
}

function redactAnnotations(pass: Pass, annotations: Annotations, profile: Profile | undefined): Annotations {
	return sameOrEntries(annotations, (value, key) => redactMember(pass, value, ["annotations", key], profile));
}

function redactMessage(pass: Pass, status: ResponseStatus, profile: Profile | undefined): ResponseStatus {
	if (status.message === undefined) return status;
	const message = redactAt(pass, status.message, ["responseStatus", "message"], profile);
	return message === status.message ? status : { ...status, message };
}

function redactStatusObjects(pass: Pass, status: ResponseStatus, profile: Profile | undefined): ResponseStatus {
	let redacted = status;
	for (const name of ["metadata", "details"] as const) {
		const exact = status[name];
		if (exact === undefined) continue;
		const value = redactRaw(pass, exact, ["responseStatus", name], profile);
		if (value !== exact) redacted = { ...redacted, [name]: value };
	}
	return redacted;
}

function redactExtra(pass: Pass, extra: Extra, profile: Profile | undefined): Extra {
	const value = redactRaw(pass, extra.value, extra.path, profile);
	return value === extra.value ? extra : { ...extra, value };
}
