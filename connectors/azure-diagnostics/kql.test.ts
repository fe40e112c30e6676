import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clustersQuery, existsQuery, rowsQuery, type Selection } from "./kql.ts";
import { MODEL_CLUSTER } from "./model.ts";
import { parseQuery, remainderOf } from "./model-query.ts";
import { TABLES } from "./tables.ts";

const FROM_MS = Date.parse("2026-11-23T10:00:00.123Z");
const WINDOW = { fromMs: FROM_MS, toMs: FROM_MS + 1_000 };

test("a window's ends are both inside, with every tick of their milliseconds", () => {
	const query = rowsQuery({ table: "AKSAudit", window: WINDOW });
	assert.match(query, /ingestion_time\(\) >= datetime\(2026-11-23T10:00:00\.1230000Z\)/);
	assert.match(query, /ingestion_time\(\) < datetime\(2026-11-23T10:00:01\.1240000Z\)/);
});

test("the audit tables give every column and the shared table those that AKS writes, none of which has to exist", () => {
	assert.doesNotMatch(rowsQuery({ table: "AKSAudit", window: WINDOW }), /project/);
	const query = rowsQuery({ table: "AzureDiagnostics", window: WINDOW });
	assert.match(query, /where Category in \("kube-audit", "kube-audit-admin"\)/);
	assert.match(query, /log_s = column_ifexists\("log_s", ""\)/);
	assert.match(query, /AdditionalFields = column_ifexists\("AdditionalFields", dynamic\(null\)\)/);
});

test("no query filters by TimeGenerated: a search of a Basic table may not", () => {
	for (const table of TABLES)
		for (const query of [existsQuery(table), clustersQuery({ table, window: WINDOW }), rowsQuery({ table, window: WINDOW })])
			assert.doesNotMatch(query, /where[^|]*TimeGenerated/);
});

const selections: fc.Arbitrary<Selection> = fc.record(
	{
		table: fc.constantFrom(...TABLES),
		window: fc.tuple(fc.nat({ max: 4e12 }), fc.nat({ max: 1e9 })).map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms })),
		resourceIds: fc.uniqueArray(fc.constantFrom(MODEL_CLUSTER, `${MODEL_CLUSTER}-2`, `${MODEL_CLUSTER}-3`), { minLength: 1 }),
		shard: fc.integer({ min: 1, max: 12 }).chain((power) => fc.nat({ max: 2 ** power - 1 }).map((rest) => ({ of: 2 ** power, rest }))),
	},
	{ requiredKeys: ["table", "window"], noNullPrototype: true },
);

test("the model understands what is asked of it, and all that is asked", () => {
	fc.assert(
		fc.property(selections, (selection) => {
			const parsed = parseQuery(rowsQuery(selection));
			assert.deepEqual(parsed, { shard: undefined, resourceIds: undefined, ...selection, gives: "rows" });
			assert.equal(parseQuery(clustersQuery(selection))?.gives, "clusters");
		}),
	);
	for (const table of TABLES) assert.deepEqual(parseQuery(existsQuery(table)), { table, gives: "nothing" });
});

test("the model understands nothing else", () => {
	const query = rowsQuery({ table: "AKSAudit", window: WINDOW });
	const others = [
		"",
		"AKSAudit",
		"AKSAudit\n| take 1",
		`${query}\n| take 10`,
		query.replace("<", "<="),
		query.replace("asc", "desc"),
		query.replace("AKSAudit", "Heartbeat"),
		query.replace("tostring(ingestion_time())", "ingestion_time()"),
		query.replace(/datetime\([^)]*\)/, "datetime(yesterday)"),
	];
	for (const other of others) assert.equal(parseQuery(other), undefined, other);
});

test("twice as many parts divide each part", () => {
	fc.assert(
		fc.property(fc.string(), fc.integer({ min: 0, max: 11 }), (text, power) => {
			const rest = remainderOf(text, 2 ** power);
			assert.ok([rest, rest + 2 ** power].includes(remainderOf(text, 2 ** (power + 1))));
		}),
	);
});
