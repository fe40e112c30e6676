/** Cuts stored bytes of Azure diagnostics into records: diagnostic records, exported rows, rows of query results. */

import type { Frame } from "../../src/contract/connector.ts";
import { frameJson } from "../../src/framing/json-stream.ts";
import { frameQueryResults } from "./query-result.ts";

const RECORDS = { arrays: new Set(["records"]), openElements: true };

/** A form that is not known is cut like `rows`: values one after another, or the elements of an array. */
export const frame: Frame = (bytes, form, limits) => {
	if (form === "logs-query") return frameQueryResults(bytes, limits);
	return frameJson(bytes, { recordBytesMax: limits.recordBytesMax, ...(form === "records" ? RECORDS : {}) });
};
