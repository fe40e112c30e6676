/** Names the values that analysts pivot on; paths are real paths of the event. */

import type { OcsfEndpoint, OcsfEvent, OcsfObservable, OcsfResource } from "../contract/ocsf-event.ts";
import { arrayAt, elements, type Piece } from "../json/pieces.ts";
import { rememberEach, rememberTexts } from "../json/remember.ts";
import type { Caller } from "./actor.ts";

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
	source: Piece<{ readonly src_endpoint: OcsfEndpoint }>,
	userAgent: string | undefined,
	resources: readonly OcsfResource[],
): Piece<Pick<OcsfEvent, "observables">> | undefined {
	const found: Observables[] = [];
	if (user?.name) found.push(nameOf(user.name));
	const addresses = addressesOf(source);
	if (addresses !== NONE) found.push(addresses);
	for (let i = 0; i < resources.length; i++) if (resources[i]?.owner?.name) found.push(ownerOf(resources[i] as OcsfResource, i));
	if (session?.credential_uid) found.push(credentialOf(session.credential_uid));
	if (userAgent) found.push(agentOf(userAgent));
	for (let i = 0; i < resources.length; i++) if (resources[i]?.uid) found.push(uidOf(resources[i] as OcsfResource, i));
	return found.length === 0 ? undefined : arrayAt("observables", found);
}

const nameOf = rememberTexts((name) => elements([observable("actor.user.name", USER_NAME, name)]));
const credentialOf = rememberTexts((credential) => elements([observable("actor.session.credential_uid", CREDENTIAL, credential)]));
const agentOf = rememberTexts((agent) => elements([observable("http_request.user_agent", USER_AGENT, agent)]));

const NONE: Observables = elements([]);

const addressesOf = rememberEach((source: Piece<{ readonly src_endpoint: OcsfEndpoint }>): Observables => {
	const { ip, intermediate_ips: others = [] } = (source.content as { readonly src_endpoint: OcsfEndpoint }).src_endpoint;
	if (ip === undefined && others.length === 0) return NONE;
	return elements([
		...(ip === undefined ? [] : [observable("src_endpoint.ip", IP, ip)]),
		...others.map((other, i) => observable(`src_endpoint.intermediate_ips[${i}]`, IP, other)),
	]);
});

const ownerOf = atEachIndex((owned, i) => observable(`resources[${i}].owner.name`, USER_NAME, owned.owner?.name ?? ""));
const uidOf = atEachIndex(({ uid = "" }, i) => observable(`resources[${i}].uid`, RESOURCE_UID, uid));

/** What is remembered of a resource, for each of the few places in the list that it can have. */
function atEachIndex(
	make: (resource: OcsfResource, index: number) => OcsfObservable,
): (resource: OcsfResource, index: number) => Observables {
	const byIndex: ((resource: OcsfResource) => Observables)[] = [];
	return (resource, index) => {
		byIndex[index] ??= rememberEach((one) => elements([make(one, index)]));
		return (byIndex[index] as (resource: OcsfResource) => Observables)(resource);
	};
}

function observable(name: string, { type_id, type }: Kind, value: string): OcsfObservable {
	return { name, type_id, type, value };
}
