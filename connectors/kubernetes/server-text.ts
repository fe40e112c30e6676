/** Knows the text that kube-apiserver itself writes beside its audit log: klog, stack traces, the notice of lost events. */

import { textOf } from "../../src/json/scan.ts";

const LOOKED_AT_BYTES = 300;

const KLOG = /^(?:\S+ )?[IWEF]\d{4} \d\d:\d\d:\d\d/;
/** klog's traces go on over lines, and what a server says of events that it could not write has a heading. */
const CONTINUED = /^(?:Trace\[\d+\]: |Impacted events:$)/;
const STACK = /^(?:goroutine \d+ \[|panic: |\[signal |created by |\/\S+\.go:\d+|[\w.-]+(?:\/[\w.-]+)*\.[\w.()*[\]{}-]+\(.*\)$)/;

/** Whether a line is such text. Only its beginning is looked at. */
export function isServerText(line: Uint8Array): boolean {
	const text = textOf(line.subarray(0, LOOKED_AT_BYTES)).trimEnd();
	return KLOG.test(text) || CONTINUED.test(text) || STACK.test(text);
}
