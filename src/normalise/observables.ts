/** Names the values that analysts pivot on; paths are real paths of the event. */

import type { OcsfEndpoint, OcsfEvent, OcsfObservable } from "../contract/ocsf-event.ts";
import { arrayAt, elements, type Piece } from "../json/pieces.ts";
import { rememberTexts } from "../json/remember.ts";
import type { Caller } from "./actor.ts";
import type { Listed } from "./resources.ts";

const USER_NAME = { type_id: 4, type: "User Name" };
const IP = { type_id: 2, type: "IP Address" };
const USER_AGENT = { type_id: 16, type: "HTTP User-Agent" };
const RESOURCE_UID = { type_id: 10, type: "Resource UID" };
const CREDENTIAL = { type_id: 19, type: "User Credential ID" };

type Kind = Pick<OcsfObservable, "type_id" | "type">;
type Observables = Piece<readonly OcsfObservable[]>;

/** Undefined if there is none. */
export function observablesOf(
	{ user, session }: Caller,
	addresses: Observables | undefined,
	userAgent: string | undefined,
	resources: readonly Listed[],
): Piece<Pick<OcsfEvent, "observables">> | undefined {
	const found: Observables[] = [];
	if (user?.name) found.push(nameOf(user.name));
	if (addresses !== undefined) found.push(addresses);
	for (let i = 0; i < resources.length; i++) if (resources[i]?.resource.owner?.name) found.push(ownerAt(resources[i] as Listed, i));
	if (session?.credential_uid) found.push(credentialOf(session.credential_uid));
	if (userAgent) found.push(agentOf(userAgent));
	for (let i = 0; i < resources.length; i++) if (resources[i]?.resource.uid) found.push(uidAt(resources[i] as Listed, i));
	return found.length === 0 ? undefined : arrayAt("observables", found);
}

const nameOf = rememberTexts((name) => elements([observable("actor.user.name", USER_NAME, name)]));
const credentialOf = rememberTexts((credential) => elements([observable("actor.session.credential_uid", CREDENTIAL, credential)]));
const agentOf = rememberTexts((agent) => elements([observable("http_request.user_agent", USER_AGENT, agent)]));

/** Undefined if none of them is an address. */
export function addressObservables({ ip, intermediate_ips: others = [] }: OcsfEndpoint): Observables | undefined {
	if (ip === undefined && others.length === 0) return undefined;
	return elements([
		...(ip === undefined ? [] : [observable("src_endpoint.ip", IP, ip)]),
		...others.map((other, i) => observable(`src_endpoint.intermediate_ips[${i}]`, IP, other)),
	]);
}

function ownerAt({ resource, owners }: Listed, index: number): Observables {
	owners[index] ??= elements([observable(`resources[${index}].owner.name`, USER_NAME, resource.owner?.name ?? "")]);
	return owners[index];
}

function uidAt({ resource, uids }: Listed, index: number): Observables {
	uids[index] ??= elements([observable(`resources[${index}].uid`, RESOURCE_UID, resource.uid ?? "")]);
	return uids[index];
}

function observable(name: string, { type_id, type }: Kind, value: string): OcsfObservable {
	return { name, type_id, type, value };
}
