/** Real records, where the shared folder is there: all are valid, and come back whole. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ocsfFaults } from "../../test/ocsf-schema.ts";
import { ROOT } from "../../test/source-files.ts";
import { decodeAuditText } from "../audit/decode-text.ts";
import { encodeAudit } from "../encode/audit.ts";
import { encodeEcs } from "../encode/ecs.ts";
import { encodeOcsf } from "../encode/ocsf.ts";
import { plainOf } from "../json/pieces.ts";
import { restoreAuditEvent } from "./restore.ts";
import { ORIGINS, piecesOf } from "./test-events.ts";

const FOLDERS = [
	join(ROOT, "fixtures/recorded"),
	...["audit-logs/kube-apiserver-1.36.2", "corpus/native", "corpus/eks"].map((name) => join(ROOT, "../shared", name)),
];
/** Of a long file every so-manieth line is enough. */
const LINES_MAX = 500;

/** Returns whether the line is an event. */
function comesBack(line: Buffer): boolean {
	const decoded = decodeAuditText(line);
	if (decoded.kind !== "event") return false;
	const whole = { envelope: {}, inferred: [], ...decoded };
	const event = piecesOf(whole, ORIGINS.eks);
	const ocsf = JSON.parse(Buffer.from(encodeOcsf(event)).toString()) as Record<string, unknown>;
	const source = JSON.parse(line.toString()) as Record<string, unknown>;
	assert.deepEqual(ocsfFaults(ocsf), []);
	assert.deepEqual(restoreAuditEvent(ocsf), source);
	if (decoded.repaired === undefined) {
		const audit = JSON.parse(Buffer.from(encodeAudit(decoded.event)).toString()) as Record<string, unknown>;
		assert.deepEqual(audit, { kind: "Event", apiVersion: "audit.k8s.io/v1", ...source });
	}
	JSON.parse(Buffer.from(encodeEcs(plainOf(event), decoded.event, ORIGINS.eks)).toString());
	return true;
}

for (const folder of FOLDERS) {
	test(`real records of ${folder.slice(ROOT.length - "main".length)}`, {
		skip: existsSync(folder) ? false : "the folder is not there",
	}, () => {
		let events = 0;
		for (const name of readdirSync(folder).filter((file) => file.endsWith(".jsonl"))) {
			const lines = readFileSync(join(folder, name)).toString("latin1").split("\n");
			const step = Math.ceil(lines.length / LINES_MAX);
			for (let i = 0; i < lines.length; i += step) if (comesBack(Buffer.from(lines[i] as string, "latin1"))) events++;
		}
		assert.ok(events > 0);
	});
}
