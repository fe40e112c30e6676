/** Who: the authenticated caller. Whom the caller impersonates is a resource (see resources.ts). */

import type { AuditEvent, AuditUser } from "../contract/audit-event.ts";
import type { OcsfActor, OcsfAuthorization, OcsfUser } from "../contract/ocsf-event.ts";
import { DECISION } from "./outcome.ts";
import { sparse } from "./sparse.ts";
import { keep, type Leftovers } from "./unmapped.ts";

const REASON = "authorization.k8s.io/reason";
const CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";
/** OCSF's email_t. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/;

type Annotations = NonNullable<AuditEvent["annotations"]>;

export function actorOf(event: AuditEvent, isGoogle: boolean, leftovers: Leftovers): OcsfActor {
	const annotations = event.annotations ?? {};
	const user = callerOf(event.user, isGoogle, leftovers);
	return sparse<OcsfActor>({
		user,
		session: sessionOf(event.user, isGoogle ? annotations : {}),
		app_name: productOf(event.userAgent) ?? (user === undefined ? "unknown" : undefined),
		authorizations: authorizationsOf(annotations),
	});
}

function callerOf(user: AuditUser | undefined, isGoogle: boolean, leftovers: Leftovers): OcsfUser | undefined {
	const caller = userOf(user, "user", leftovers);
	if (caller === undefined) return undefined;
	return sparse<OcsfUser>({
		...caller,
		uid_alt: firstExtra(user, "principalId") ?? firstExtra(user, "sigs.k8s.io/aws-iam-authenticator/principalId"),
		email_addr: isGoogle && caller.name !== undefined && EMAIL.test(caller.name) ? caller.name : undefined,
	});
}

/** OCSF wants a name or a uid of every user; of one that has neither, all is kept as it is. */
export function userOf(user: AuditUser | undefined, path: string, leftovers: Leftovers): OcsfUser | undefined {
	if (user === undefined) return undefined;
	const { username, uid, groups, extra } = user;
	if (extra !== undefined) keep(leftovers, [path, "extra"], extra);
	if (username === undefined && uid === undefined) {
		if (groups !== undefined) keep(leftovers, [path, "groups"], groups);
		else if (extra === undefined) keep(leftovers, [path], {});
		return undefined;
	}
	return sparse<OcsfUser>({ name: username, uid, groups: groups?.map((name) => ({ name })), type_id: userTypeId(username, groups) });
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

/** The product of a user agent: what stands before the first slash or blank. */
function productOf(userAgent = ""): string | undefined {
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

function authorizationsOf(annotations: Annotations): readonly OcsfAuthorization[] | undefined {
	const decision = annotations[DECISION];
	const reason = annotations[REASON];
	if (decision === undefined && !reason) return undefined;
	return [sparse<OcsfAuthorization>({ decision, policy: reason ? policyOf(reason) : undefined })];
}

function policyOf(reason: string): NonNullable<OcsfAuthorization["policy"]> {
	const binding = BINDING.exec(reason);
	return sparse<NonNullable<OcsfAuthorization["policy"]>>({
		type: reason.startsWith(RBAC) ? "RBAC" : "authorizer",
		name: binding === null ? undefined : `${binding[1]}/${binding[2]}`,
		desc: reason,
	});
}
