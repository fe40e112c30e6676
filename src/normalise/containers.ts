/** Finds the containers of pod specs in a body: of pods, of workloads' templates and of cron jobs. */

import type { RawJson } from "../contract/json.ts";
import type { OcsfContainer } from "../contract/ocsf-event.ts";
import { bufferOf, textOf } from "../json/scan.ts";
import { asRecord } from "../json/value.ts";
import { sparse } from "./sparse.ts";

const LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;
/** How each of the lists' names ends in JSON; a body without it need not be parsed. */
const NAME_END = Buffer.from('ontainers"');

const DIGEST = "@sha256:";

type Plain = Readonly<Record<string, unknown>>;

/** Undefined if the body has none. */
export function containersOf(body: RawJson | undefined): readonly OcsfContainer[] | undefined {
	if (body === undefined || !bufferOf(body.raw).includes(NAME_END)) return undefined;
	const object = asRecord(JSON.parse(textOf(body.raw)));
	const containers = podSpecs(object).flatMap((spec) => LISTS.flatMap((list) => asArray(spec[list]).map(containerOf)));
	const named = containers.filter((container) => container !== undefined);
	return named.length === 0 ? undefined : named;
}

/** The places where an object of any workload kind holds a pod spec. */
function podSpecs(object: Plain): readonly Plain[] {
	const spec = asRecord(object["spec"]);
	const jobSpec = asRecord(asRecord(spec["jobTemplate"])["spec"]);
	return [
		spec,
		asRecord(asRecord(spec["template"])["spec"]),
		asRecord(asRecord(jobSpec["template"])["spec"]),
		asRecord(asRecord(object["template"])["spec"]),
	];
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
