/** Groups records that come one by one into pages of a bounded size: what one line or document holds may be millions. */

import type { RawRecord } from "../contract/record.ts";

/** Yields the records in their order, at most `recordsMax` a page, and no more once a page has `bytesMax`; no empty pages. */
export function* pagesOf(records: Iterable<RawRecord>, recordsMax: number, bytesMax = Infinity): Generator<readonly RawRecord[]> {
	let page: RawRecord[] = [];
	let pageBytes = 0;
	for (const record of records) {
		page.push(record);
		pageBytes += record.body.length;
		if (page.length < recordsMax && pageBytes < bytesMax) continue;
		yield page;
		page = [];
		pageBytes = 0;
	}
	if (page.length > 0) yield page;
}
