/** Who: the authenticated caller. Whom the caller impersonates is a resource (see resources.ts). */

import type { AuditEvent, AuditUser } from "../contract/audit-event.ts";
import type { OcsfActor, OcsfAuthorization, OcsfUser } from "../contract/ocsf-event.ts";
import { DECISION } from "./outcome.ts";
import { keep, type Leftovers } from "./unmapped.ts";

const REASON = "authorization.k8s.io/reason";
export const CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";
/** OCSF's email_t. */
const EMAIL = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/;

export function actorOf(event: AuditEvent, isGoogle: boolean, leftovers: Leftovers): OcsfActor {
	const user = userOf(event.user, "user", leftovers);
	const extra = event.user?.extra;
	if (extra !== undefined) keep(leftovers, ["user", "extra"], extra);
	const appName = productOf(event.userAgent) ?? (user === undefined ? "unknown" : undefined);
	const session = sessionOf(extra ?? {}, event.annotations ?? {}, isGoogle);
	const authorizations = authorizationsOf(event.annotations ?? {});
	const principalId = extra?.["principalId"]?.[0] ?? extra?.["sigs.k8s.io/aws-iam-authenticator/principalId"]?.[0];
	const email = isGoogle && user?.name !== undefined && EMAIL.test(user.name) ? user.name : undefined;
	return {
		...(user === undefined
			? {}
			: { user: { ...user, ...(principalId === undefined ? {} : { uid_alt: principalId }), ...(email === undefined ? {} : { email_addr: email }) } }),
		...(session === undefined ? {} : { session }),
		...(appName === undefined ? {} : { app_name: appName }),
		...(authorizations === undefined ? {} : { authorizations }),
	};
}

/** OCSF wants a name or a uid of every user; one that has neither is kept as it is. */
export function userOf(user: AuditUser | undefined, path: string, leftovers: Leftovers): OcsfUser | undefined {
	if (user === undefined) return undefined;
	const { username, uid, groups } = user;
	if (username === undefined && uid === undefined) {
		if (groups !== undefined) keep(leftovers, [path, "groups"], groups);
		else if (user.extra === undefined) keep(leftovers, [path], {});
		return undefined;
	}
	return {
		...(username === undefined ? {} : { name: username }),
		...(uid === undefined ? {} : { uid }),
		...(groups === undefined ? {} : { groups: groups.map((name) => ({ name })) }),
		type_id: userTypeId(username, groups),
	};
}

function userTypeId(name: string | undefined, groups: readonly string[] = []): OcsfUser["type_id"] {
	if (name === undefined || name === "") return 0;
	if (name.startsWith("system:serviceaccount:")) return 4;
	if (name.startsWith("system:")) return 3;
	return groups.includes("system:masters") ? 2 : 1;
}

/** The product of a user agent: what stands before the first slash or blank. */
function productOf(userAgent: string | undefined): string | undefined {
	if (userAgent === undefined) return undefined;
	const product = userAgent.split(/[/\s]/, 1)[0];
	return product === undefined || product === "" ? undefined : product;
}

function sessionOf(extra: NonNullable<AuditUser["extra"]>, labels: Readonly<Record<string, string>>, isGoogle: boolean): OcsfActor["session"] {
	const credential = extra[CREDENTIAL_ID]?.[0] ?? extra["accessKeyId"]?.[0] ?? (isGoogle ? labels[CREDENTIAL_ID] : undefined);
	const [uid, issuer, uidAlt] = [extra["sessionName"]?.[0], extra["canonicalArn"]?.[0], extra["arn"]?.[0]];
	const session = {
		...(credential ? { credential_uid: credential } : {}),
		...(uid ? { uid } : {}),
		...(issuer ? { issuer } : {}),
		...(uidAlt ? { uid_alt: uidAlt } : {}),
	};
	return Object.keys(session).length === 0 ? undefined : session;
}

const RBAC = "RBAC:";
const BINDING = /by (ClusterRoleBinding|RoleBinding) "([^"]+)"/;

function authorizationsOf(annotations: Readonly<Record<string, string>>): readonly OcsfAuthorization[] | undefined {
	const decision = annotations[DECISION];
	const reason = annotations[REASON];
	if (decision === undefined && !reason) return undefined;
	return [{ ...(decision === undefined ? {} : { decision }), ...(reason ? { policy: policyOf(reason) } : {}) }];
}

function policyOf(reason: string): NonNullable<OcsfAuthorization["policy"]> {
	const binding = BINDING.exec(reason);
	return {
		type: reason.startsWith(RBAC) ? "RBAC" : "authorizer",
		...(binding === null ? {} : { name: `${binding[1]}/${binding[2]}` }),
		desc: reason,
	};
}
