/** OcsfEvent -> one line of UTF-8 JSON, bodies spliced in as exact text. */

import type { OcsfApi, OcsfEvent } from "../contract/ocsf-event.ts";
import { joinParts, type Parts, writeJson } from "./raw-text.ts";

/** Valid UTF-8 JSON without a line's end. */
export function encodeOcsf(event: OcsfEvent): Uint8Array {
	const { api, unmapped, ...plain } = event;
	const parts: Parts = [`${JSON.stringify(plain).slice(0, -1)},"api":`];
	writeApi(api, parts);
	if (unmapped !== undefined) {
		parts.push(',"unmapped":');
		writeJson({ ...unmapped }, parts);
	}
	parts.push("}");
	return joinParts(parts);
}

function writeApi({ request, response, ...plain }: OcsfApi, parts: Parts): void {
	parts.push(`${JSON.stringify(plain).slice(0, -1)},"request":`);
	writeSide(request, parts);
	if (response !== undefined) {
		parts.push(',"response":');
		writeSide(response, parts);
	}
	parts.push("}");
}

/** The body comes last, after what people look at first. */
function writeSide({ data, ...plain }: OcsfApi["request"] | NonNullable<OcsfApi["response"]>, parts: Parts): void {
	const text = JSON.stringify(plain);
	if (data === undefined) {
		parts.push(text);
		return;
	}
	parts.push(text === "{}" ? '{"data":' : `${text.slice(0, -1)},"data":`, data.raw, "}");
}
