/** OcsfEvent -> one line of UTF-8 JSON, bodies spliced in as exact text. */

import type { OcsfApi, OcsfEvent } from "../contract/ocsf-event.ts";
import { joinParts, type Parts, writeJson } from "./raw-text.ts";

/** Valid UTF-8 JSON without a line's end. Members that are undefined are left out. */
export function encodeOcsf(event: OcsfEvent): Uint8Array {
	const { api, unmapped } = event;
	const parts: Parts = [opened({ ...event, api: undefined, unmapped: undefined }), ',"api":'];
	writeApi(api, parts);
	if (unmapped !== undefined) {
		parts.push(',"unmapped":');
		writeJson({ ...unmapped }, parts);
	}
	parts.push("}");
	return joinParts(parts);
}

function writeApi(api: OcsfApi, parts: Parts): void {
	parts.push(opened({ ...api, request: undefined, response: undefined }), ',"request":');
	writeSide(api.request, parts);
	if (api.response !== undefined) {
		parts.push(',"response":');
		writeSide(api.response, parts);
	}
	parts.push("}");
}

/** The body comes last, after what people look at first. */
function writeSide(side: OcsfApi["request"] | NonNullable<OcsfApi["response"]>, parts: Parts): void {
	const { data } = side;
	if (data === undefined) parts.push(JSON.stringify(side));
	else {
		const text = opened({ ...side, data: undefined });
		parts.push(text, text === "{" ? '"data":' : ',"data":', data.raw, "}");
	}
}

/** The text of an object that is to get more members. */
function opened(value: object): string {
	return JSON.stringify(value).slice(0, -1);
}
