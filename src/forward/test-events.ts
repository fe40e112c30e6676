/** Events and folders for the tests of sinks. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Delivery, EncodedEvent } from "../contract/sink.ts";

/** A folder that is gone after the test. */
export function folderFor(context: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "forward-"));
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export function deliveryOf(...texts: readonly string[]): Delivery {
	const events = texts.map((text): EncodedEvent => ({ uid: text, timeMs: 0, clusterKey: "", bytes: Buffer.from(text) }));
	return { events, source: "test", partition: "a", firstSeq: 0, attempt: 1 };
}
