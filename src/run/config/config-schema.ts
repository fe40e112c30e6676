/** The JSON Schema of the settings of `kube-audit run`, for editors: made of the same schemas that check them. */

import { z } from "zod";
import type { Connector } from "../../contract/connector.ts";
import { configShape, sourceShape } from "./config-shape.ts";
import { LIVE_CONNECTORS, pullSettingsOf } from "./pull-settings.ts";

type Json = Record<string, unknown>;

/** Editors know this version best. */
const TARGET = "draft-7";
/** References stand in place of any text, whatever form the text must have. */
const REFERENCE = { type: "string", pattern: "\\$\\{(env|file):[^{}]+\\}" };

/** A source has the keys of the connector that it names; of a connector that is not among these, only the common ones are known. */
function configSchema(connectors: readonly Connector[]): Json {
	const common = jsonOf(sourceShape);
	const { $schema, ...top } = jsonOf(configShape);
	const properties = top["properties"] as Json;
	return {
		$schema,
		title: "Settings of kube-audit run",
		definitions: { reference: REFERENCE },
		...top,
		properties: {
			...properties,
			sources: {
				...(properties["sources"] as Json),
				items: {
					type: "object",
					properties: { ...(common["properties"] as Json), connector: connectorNames(common, connectors) },
					required: common["required"],
					allOf: connectors.map((connector) => choiceOf(connector, common)),
				},
			},
		},
	};
}

/** The file that is shipped: `schema/kube-audit.schema.json`. */
export function configSchemaText(): string {
	return `${JSON.stringify(configSchema(LIVE_CONNECTORS), null, "\t")}\n`;
}

/** Texts for the names that are known, so that editors offer them, and any other. */
function connectorNames(common: Json, connectors: readonly Connector[]): Json {
	const { description } = (common["properties"] as Record<string, Json>)["connector"] as Json;
	return { description, anyOf: [{ enum: connectors.map(({ name }) => name) }, { type: "string", minLength: 1 }] };
}

function choiceOf(connector: Connector, common: Json): Json {
	const { $schema: _, ...own } = jsonOf(pullSettingsOf(connector) as unknown as z.ZodType);
	const isOffered = (key: string): boolean => key !== "reconcile" || connector.pull?.counts === true;
	const properties = Object.fromEntries(Object.keys(common["properties"] as Json).map((key) => [key, isOffered(key)]));
	return {
		if: { properties: { connector: { const: connector.name } }, required: ["connector"] },
		// biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
		then: { ...own, properties: { ...properties, ...(own["properties"] as Json) } },
	};
}

function jsonOf(schema: z.ZodType): Json {
	return z.toJSONSchema(schema, { io: "input", target: TARGET, override: ({ jsonSchema, path }) => adapt(jsonSchema, path) }) as Json;
}

/** Stands in logs, so that it cannot be a secret. */
const ID_PATH = "properties,id";
const FORMS = ["pattern", "format", "enum", "minLength", "maxLength"];

/** In place, as zod has it. */
function adapt(node: Json, path: readonly (string | number)[]): void {
	// Said of arrays that our program does not change, where editors would take it for a ban on writing them.
	delete node["readOnly"];
	const given = FORMS.filter((key) => node[key] !== undefined);
	const isReferable = path.at(-1) !== "propertyNames" && path.join() !== ID_PATH;
	if (node["type"] !== "string" || node["const"] !== undefined || given.length === 0 || !isReferable) return;
	const form = Object.fromEntries(given.map((key) => [key, node[key]]));
	for (const key of ["type", ...given]) delete node[key];
	node["anyOf"] = [{ type: "string", ...form }, { $ref: "#/definitions/reference" }];
}
