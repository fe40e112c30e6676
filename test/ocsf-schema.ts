/** Validates events against the OCSF 1.8.0 schema of API Activity. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "ocsf", "api_activity.schema.json"), "utf8")) as object;
const validate = new Ajv2020({ strict: false }).compile(schema);

/** What is wrong with the event; empty if it is valid. */
export function ocsfFaults(event: unknown): readonly string[] {
	return validate(event) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || "/"} ${message}`);
}
