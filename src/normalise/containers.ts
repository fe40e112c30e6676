/** Finds the containers of pod specs in a body: of pods, of workloads' templates and of cron jobs. */

import type { RawJson } from "../contract/json.ts";
import type { OcsfContainer } from "../contract/ocsf-event.ts";
import { QUOTE } from "../json/bytes.ts";
import { findAt, type Place, placesOf } from "../json/places.ts";
import { bufferOf, readString, scanArray } from "../json/scan.ts";
import { sparse } from "./sparse.ts";

/** How the name of each of the lists ends in JSON; a body without it need not be looked into. */
const NAME_END = Buffer.from('ontainers"');

const POD_SPEC = { initContainers: true, containers: true, ephemeralContainers: true } as const;
const TEMPLATE = { spec: POD_SPEC } as const;

/** The places where an object of any workload kind holds a pod spec. */
const LISTS: readonly Place[] = placesOf({
	spec: { ...POD_SPEC, template: TEMPLATE, jobTemplate: { spec: { template: TEMPLATE } } },
	template: TEMPLATE,
});

const CONTAINER = placesOf({ name: true, image: true });

const DIGEST = "@sha256:";

/** Undefined if the body has none. */
export function containersOf(body: RawJson | undefined): readonly OcsfContainer[] | undefined {
	if (body === undefined || !bufferOf(body.raw).includes(NAME_END)) return undefined;
	const containers: OcsfContainer[] = [];
	for (const list of findAt(LISTS, body.raw)) if (list !== undefined) addContainers(list, containers);
	return containers.length === 0 ? undefined : containers;
}

function addContainers(list: Uint8Array, containers: OcsfContainer[]): void {
	for (const [start, end] of scanArray(list, 0) ?? []) {
		const [nameText, imageText] = findAt(CONTAINER, list.subarray(start, end));
		const name = stringOf(nameText);
		const image = stringOf(imageText);
		if (name === undefined) continue;
		containers.push(
			sparse<OcsfContainer>({ name, orchestrator: "Kubernetes", image: image ? { name: image, uid: digestOf(image) } : undefined }),
		);
	}
}

function stringOf(text: Uint8Array | undefined): string | undefined {
	return text?.[0] === QUOTE ? readString(text, 0, text.length) : undefined;
}

/** The digest, else the reference: nothing better is known. */
function digestOf(reference: string): string {
	const at = reference.indexOf(DIGEST);
	return at < 0 ? reference : reference.slice(at + 1);
}
