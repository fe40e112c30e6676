/** Names the values that analysts pivot on; paths are real paths of the event. */

import type { OcsfEvent, OcsfObservable } from "../contract/ocsf-event.ts";

const USER_NAME = { type_id: 4, type: "User Name" };
const IP = { type_id: 2, type: "IP Address" };
const USER_AGENT = { type_id: 16, type: "HTTP User-Agent" };
const RESOURCE_UID = { type_id: 10, type: "Resource UID" };
const CREDENTIAL = { type_id: 19, type: "User Credential ID" };

type Source = Pick<OcsfEvent, "actor" | "src_endpoint" | "http_request" | "resources">;

export function observablesOf({ actor, src_endpoint: source, http_request: request, resources = [] }: Source): readonly OcsfObservable[] {
	const observables: OcsfObservable[] = [];
	const add = (name: string, type: { type_id: number; type: string }, value: string | undefined): void => {
		if (value !== undefined && value !== "") observables.push({ name, ...type, value });
	};
	add("actor.user.name", USER_NAME, actor.user?.name);
	add("src_endpoint.ip", IP, source.ip);
	source.intermediate_ips?.forEach((ip, i) => add(`src_endpoint.intermediate_ips[${i}]`, IP, ip));
	resources.forEach(({ owner }, i) => add(`resources[${i}].owner.name`, USER_NAME, owner?.name));
	add("actor.session.credential_uid", CREDENTIAL, actor.session?.credential_uid);
	add("http_request.user_agent", USER_AGENT, request?.user_agent);
	resources.forEach(({ uid }, i) => add(`resources[${i}].uid`, RESOURCE_UID, uid));
	return observables;
}
