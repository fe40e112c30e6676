/** `kube-audit restore`: OCSF events -> the audit events that they were made of. */

import { createReadStream } from "node:fs";
import { Command } from "commander";
import { CollectorError } from "../../contract/errors.ts";
import { type Inflation, inflate } from "../../framing/inflate.ts";
import { DEFAULT_LIMITS } from "../../framing/limits.ts";
import { frameLines } from "../../framing/lines.ts";
import { isObject, parseOrNone } from "../../json/value.ts";
import type { Terminal } from "../terminal.ts";
import { STDIN } from "./files.ts";

export function restoreCommand(terminal: Terminal): Command {
	return new Command("restore")
		.description("turn OCSF events of this program back into audit.k8s.io events")
		.argument("<file>", "NDJSON, also compressed; - is standard input")
		.addHelpText(
			"after",
			"\nWhat was redacted stays redacted. Numbers in bodies are printed as JavaScript reads them.\n\nExample:\n  kube-audit replay audit.log | kube-audit restore - > audit-again.log",
		)
		.action(async (file: string) => {
			const { restoreAuditEvent } = await import("../../normalise/restore.ts");
			const inflation: Inflation = { layers: [] };
			const bytes = file === STDIN ? terminal.stdin : createReadStream(file);
			for await (const lines of frameLines(inflate(bytes, DEFAULT_LIMITS, inflation), DEFAULT_LIMITS.documentBytesMax)) {
				for (const { body, id } of lines) terminal.out(`${JSON.stringify(restoreAuditEvent(parseEvent(body, `${file}:${id}`)))}\n`);
			}
			if (inflation.error !== undefined) throw inflation.error;
		});
}

function parseEvent(body: Uint8Array, where: string): Record<string, unknown> {
	const value = parseOrNone(body);
	if (isObject(value) && "class_uid" in value) return value;
	throw new CollectorError("CONFIG_INVALID", `${where}: not an OCSF event; restore reads what replay writes with --schema ocsf`);
}
