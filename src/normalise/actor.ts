/** Who: the authenticated caller. Whom the caller impersonates is a resource (see resources.ts). */

import type { AuditEvent, AuditUser } from "../contract/audit-event.ts";
import type { OcsfActor, OcsfAuthorization, OcsfUser } from "../contract/ocsf-event.ts";
import { members, objectAt, type Piece, tree } from "../json/pieces.ts";
import { rememberEach, rememberTexts } from "../json/remember.ts";
import { DECISION } from "./outcome.ts";
import { sparse } from "./sparse.ts";

const REASON = "authorization.k8s.io/reason";
const CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";
/** OCSF's email_t. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/;

type Annotations = NonNullable<AuditEvent["annotations"]>;

/** The caller, as far as `user` says who it is; on Google Cloud the annotations say a part of it. */
export interface Caller {
	readonly user: OcsfUser | undefined;
	readonly session: OcsfActor["session"];
	/** Both. */
	readonly piece: Piece<Pick<OcsfActor, "user" | "session">>;
}

export function callerOf({ user, annotations }: AuditEvent, isGoogle: boolean): Caller {
	if (isGoogle) return callerFrom(user, annotations ?? {}, true);
	return user === undefined ? NOBODY : callerByUser(user);
}

const NO_ANNOTATIONS: Annotations = {};
const NOBODY = callerFrom(undefined, NO_ANNOTATIONS, false);
const callerByUser = rememberEach((user: AuditUser) => callerFrom(user, NO_ANNOTATIONS, false));

function callerFrom(user: AuditUser | undefined, googleLabels: Annotations, isGoogle: boolean): Caller {
	const known = user && userOf(user);
	const name = known?.name;
	const caller =
		known &&
		sparse<OcsfUser>({
			...known,
			uid_alt: firstExtra(user, "principalId") ?? firstExtra(user, "sigs.k8s.io/aws-iam-authenticator/principalId"),
			email_addr: isGoogle && name !== undefined && EMAIL.test(name) ? name : undefined,
		});
	const session = sessionOf(user, googleLabels);
	return { user: caller, session, piece: members(sparse<Pick<OcsfActor, "user" | "session">>({ user: caller, session })) };
}

export function actorOf({ userAgent = "", annotations }: AuditEvent, caller: Caller): Piece<{ readonly actor: OcsfActor }> {
	const app = caller.user === undefined ? appOfNobody(userAgent) : appOf(userAgent);
	return objectAt("actor", caller.piece, app, annotations && authorizations(annotations));
}

/** OCSF wants a name or a uid of every user; undefined if it has neither. */
export function userOf({ username, uid, groups }: AuditUser): OcsfUser | undefined {
	if (username === undefined && uid === undefined) return undefined;
	return sparse<OcsfUser>({ name: username, uid, groups: groups?.map((name) => ({ name })), type_id: userTypeId(username, groups) });
}

/** What of the user at `path` has no home in OCSF; of one that has neither name nor uid, all. */
export function userLeftovers(path: "user" | "impersonatedUser"): (user: AuditUser) => Piece {
	return rememberEach((user) => {
		const { groups, extra } = user;
		if (userOf(user) !== undefined) return tree(extra === undefined ? {} : { [path]: { extra } });
		return tree({ [path]: { ...(extra && { extra }), ...(groups && { groups }) } });
	});
}

/** The first value that the authenticator gave under `key`; undefined if there is none, or an empty one. */
export function firstExtra(user: AuditUser | undefined, key: string): string | undefined {
	return user?.extra?.[key]?.[0] || undefined;
}

function userTypeId(name: string | undefined, groups: readonly string[] = []): OcsfUser["type_id"] {
	if (name === undefined || name === "") return 0;
	if (name.startsWith("system:serviceaccount:")) return 4;
	if (name.startsWith("system:")) return 3;
	return groups.includes("system:masters") ? 2 : 1;
}

type AppName = Pick<OcsfActor, "app_name">;

const appOf = rememberTexts((userAgent) => members(sparse<AppName>({ app_name: productOf(userAgent) })));
/** OCSF wants something of every actor. */
const appOfNobody = rememberTexts((userAgent) => members<AppName>({ app_name: productOf(userAgent) ?? "unknown" }));

/** The product of a user agent: what stands before the first slash or blank. */
function productOf(userAgent: string): string | undefined {
	const end = userAgent.search(/[/\s]/);
	return (end < 0 ? userAgent : userAgent.slice(0, end)) || undefined;
}

/** Google Cloud has no `user.extra`; it carries the credential's id among the annotations. */
function sessionOf(user: AuditUser | undefined, googleLabels: Annotations): OcsfActor["session"] {
	const credential = firstExtra(user, CREDENTIAL_ID) ?? firstExtra(user, "accessKeyId") ?? (googleLabels[CREDENTIAL_ID] || undefined);
	const [uid, issuer, uidAlt] = [firstExtra(user, "sessionName"), firstExtra(user, "canonicalArn"), firstExtra(user, "arn")];
	if (credential === undefined && uid === undefined && issuer === undefined && uidAlt === undefined) return undefined;
	return sparse<NonNullable<OcsfActor["session"]>>({ credential_uid: credential, uid, issuer, uid_alt: uidAlt });
}

const RBAC = "RBAC:";
const BINDING = /by (ClusterRoleBinding|RoleBinding) "([^"]+)"/;

const authorizations = rememberEach((annotations: Annotations): Piece<Pick<OcsfActor, "authorizations">> => {
	const decision = annotations[DECISION];
	const reason = annotations[REASON];
	if (decision === undefined && !reason) return members({});
	return members({ authorizations: [sparse<OcsfAuthorization>({ decision, policy: reason ? policyOf(reason) : undefined })] });
});

function policyOf(reason: string): NonNullable<OcsfAuthorization["policy"]> {
	const binding = BINDING.exec(reason);
	return sparse<NonNullable<OcsfAuthorization["policy"]>>({
		type: reason.startsWith(RBAC) ? "RBAC" : "authorizer",
		name: binding === null ? undefined : `${binding[1]}/${binding[2]}`,
		desc: reason,
	});
}
