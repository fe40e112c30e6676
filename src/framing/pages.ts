/** Groups records that come one by one into pages of a bounded size: what one line or document holds may be millions. */

import type { RawRecord } from "../contract/record.ts";

/** Yields the records in their order, at most `recordsMax` a page; no empty pages. */
export function* pagesOf(records: Iterable<RawRecord>, recordsMax: number): Generator<readonly RawRecord[]> {
	let page: RawRecord[] = [];
	for (const record of records) {
		page.push(record);
		if (page.length < recordsMax) continue;
		yield page;
		page = [];
	}
	if (page.length > 0) yield page;
}
