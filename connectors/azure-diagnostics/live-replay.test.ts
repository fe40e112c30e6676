/** What is pulled decodes as what is replayed: the same event, identity and envelope, out of the same rows. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { chunksOf, recordsOf } from "../../src/framing/test-chunks.ts";
import { decode } from "./decode.ts";
import { frame } from "./frame.ts";
import { MODEL_WORKSPACE } from "./model.ts";
import type { TableName } from "./tables.ts";
import { HOUR_MS, NOW_MS, worldOf } from "./test-service.ts";

const FIXTURES = new URL("../../fixtures/azure-diagnostics/", import.meta.url);

const FILES: readonly (readonly [file: string, form: string, table: TableName])[] = [
	["logs-query-aks-audit.raw.json", "logs-query", "AKSAudit"],
	["logs-query-azure-diagnostics.raw.json", "logs-query", "AzureDiagnostics"],
	["aks-audit-rows.raw.jsonl", "rows", "AKSAudit"],
	["aks-audit-skipped-bodies.raw.jsonl", "rows", "AKSAudit"],
	["aks-audit-admin-rows.raw.jsonl", "rows", "AKSAuditAdmin"],
	["arc-audit-rows.raw.jsonl", "rows", "ArcK8sAudit"],
	["azure-diagnostics-rows.raw.jsonl", "rows", "AzureDiagnostics"],
	["azure-diagnostics-trimmed.raw.jsonl", "rows", "AzureDiagnostics"],
];

for (const [file, form, table] of FILES)
	test(`${file}: pulled as replayed`, async () => {
		const stored = await recordsOf(frame(chunksOf(readFileSync(new URL(file, FIXTURES))), form, DEFAULT_LIMITS));
		const replayed = stored.filter(({ body }) => !Buffer.from(body).includes('"Category":"kube-apiserver"'));
		assert.ok(replayed.length > 0);
		const world = worldOf({ workspaces: [{ id: MODEL_WORKSPACE, tables: { [table]: "analytics" } }] });
		for (const [index, { body }] of stored.entries()) {
			const row = JSON.parse(Buffer.from(body).toString());
			const ingestedMs = NOW_MS - HOUR_MS + index;
			const timeGeneratedMs = Date.parse(row.TimeGenerated);
			world.model.put({ workspaceId: MODEL_WORKSPACE, table, row, timeGeneratedMs, ingestedMs, visibleAtMs: 0 });
		}
		const live = await world.records({ fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS });
		assert.deepEqual(
			live.map((record) => decode(record)),
			replayed.map((record) => decode(record)),
		);
	});
