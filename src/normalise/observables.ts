/** Names the values that analysts pivot on; paths are real paths of the event. */

import type { OcsfEvent, OcsfObservable, OcsfResource } from "../contract/ocsf-event.ts";

const USER_NAME = { type_id: 4, type: "User Name" };
const IP = { type_id: 2, type: "IP Address" };
const USER_AGENT = { type_id: 16, type: "HTTP User-Agent" };
const RESOURCE_UID = { type_id: 10, type: "Resource UID" };
const CREDENTIAL = { type_id: 19, type: "User Credential ID" };

type Kind = Pick<OcsfObservable, "type_id" | "type">;

export function observablesOf(
	actor: OcsfEvent["actor"],
	source: OcsfEvent["src_endpoint"],
	request: OcsfEvent["http_request"],
	resources: readonly OcsfResource[],
): readonly OcsfObservable[] {
	const observables: OcsfObservable[] = [];
	const add = (name: string, { type_id, type }: Kind, value: string | undefined): void => {
		if (value !== undefined && value !== "") observables.push({ name, type_id, type, value });
	};
	add("actor.user.name", USER_NAME, actor.user?.name);
	add("src_endpoint.ip", IP, source.ip);
	for (const [i, ip] of source.intermediate_ips?.entries() ?? []) add(`src_endpoint.intermediate_ips[${i}]`, IP, ip);
	for (const [i, { owner }] of resources.entries()) add(`resources[${i}].owner.name`, USER_NAME, owner?.name);
	add("actor.session.credential_uid", CREDENTIAL, actor.session?.credential_uid);
	add("http_request.user_agent", USER_AGENT, request?.user_agent);
	for (const [i, { uid }] of resources.entries()) add(`resources[${i}].uid`, RESOURCE_UID, uid);
	return observables;
}
