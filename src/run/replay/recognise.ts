/** Tells the form of a file by its beginning. */

import type { Connector, Sniff } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import { sniff } from "../../framing/sniff.ts";
import { CONNECTORS } from "../registry.ts";

export interface Recognised {
	readonly connector: Connector;
	/** A name among the connector's forms. */
	readonly form: string;
}

/** What a file is that we do not read. */
export type Unrecognised = "empty" | "binary" | "ocsf" | "unknown";

/** Nothing at all, or the page of a service that had nothing to say. */
const NO_RECORDS = /^\s*(?:\[\s*\]|\{\s*\})?\s*$/;
const NUL = 0;
const LOOKED_AT_BYTES = 8_000;

/** The form, told by content; or why there is none. */
export function recognise(head: Uint8Array): Recognised | Unrecognised {
	const looked = sniff(head);
	if (NO_RECORDS.test(looked.text)) return "empty";
	if (isOcsf(looked)) return "ocsf";
	for (const connector of CONNECTORS) {
		const form = connector.forms.find((candidate) => candidate.matches(looked));
		if (form !== undefined) return { connector, form: form.name };
	}
	return head.subarray(0, LOOKED_AT_BYTES).includes(NUL) ? "binary" : "unknown";
}

/** Our own output, such as the golden files beside fixtures. */
function isOcsf({ keys }: Sniff): boolean {
	return keys.has("class_uid") && keys.has("category_uid");
}

/** The form that `--as` names: `<connector>/<form>`, or a form's name alone where only one connector has it. */
export function formNamed(name: string): Recognised {
	const all = CONNECTORS.flatMap((connector) => connector.forms.map((form) => ({ connector, form: form.name })));
	const found = all.filter(({ connector, form }) => name === `${connector.name}/${form}` || name === form);
	if (found.length === 1) return found[0] as Recognised;
	const known = (found.length === 0 ? all : found).map(({ connector, form }) => `${connector.name}/${form}`).join(", ");
	throw new CollectorError(
		"CONFIG_INVALID",
		`--as ${name}: ${found.length === 0 ? "no such form" : "more than one connector has it"}; one of ${known}`,
	);
}
