/** Finds the containers of pod specs in a body: of pods, of workloads' templates and of cron jobs. */

import type { RawJson } from "../contract/json.ts";
import type { OcsfContainer } from "../contract/ocsf-event.ts";
import { findAt, type Place, placesOf } from "../json/places.ts";
import { bufferOf, textOf } from "../json/scan.ts";
import { asRecord } from "../json/value.ts";
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

const DIGEST = "@sha256:";

/** Undefined if the body has none. */
export function containersOf(body: RawJson | undefined): readonly OcsfContainer[] | undefined {
	if (body === undefined || !bufferOf(body.raw).includes(NAME_END)) return undefined;
	const lists = findAt(LISTS, body.raw).map((text) => JSON.parse(textOf(text)) as unknown);
	const named = lists.flatMap((list) => asArray(list).map(containerOf)).filter((container) => container !== undefined);
	return named.length === 0 ? undefined : named;
}

function containerOf(value: unknown): OcsfContainer | undefined {
	const { name, image } = asRecord(value);
	if (typeof name !== "string") return undefined;
	return sparse<OcsfContainer>({
		name,
		orchestrator: "Kubernetes",
		image: typeof image === "string" && image !== "" ? { name: image, uid: digestOf(image) } : undefined,
	});
}

/** The digest, else the reference: nothing better is known. */
function digestOf(reference: string): string {
	const at = reference.indexOf(DIGEST);
	return at < 0 ? reference : reference.slice(at + 1);
}

function asArray(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}
