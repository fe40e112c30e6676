import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { folderFor } from "../../test/temp-folder.ts";
import { openDuckdbSink } from "./sink.ts";
import { eventsOf, rowsOf, send, startProgram, uidOf } from "./test-events.ts";

const DELIVERIES = 24;
const PER_DELIVERY = 200;

/** Sends deliveries, several in flight, and tells of each that was settled. */
const loading = (path: string): string => `
	const { openDuckdbSink } = await import(at("./sink.ts"));
	const { eventsOf, send } = await import(at("./test-events.ts"));
	const sink = await openDuckdbSink(${JSON.stringify(path)});
	let next = 0;
	async function work() {
		for (let i = next++; i < ${DELIVERIES}; i = next++) {
			const { status } = await send(sink, eventsOf(i * ${PER_DELIVERY}, (i + 1) * ${PER_DELIVERY}));
			if (status === "settled") process.stdout.write(i + "\\n");
		}
	}
	await Promise.all([work(), work(), work(), work()]);
`;

for (const acknowledgements of [1, 9]) {
	test(`killed after ${acknowledgements} deliveries: what was acknowledged is there once, and a replay adds the rest`, async (context) => {
		const path = join(folderFor(context), "store.duckdb");
		const program = startProgram(context, loading(path));
		const acknowledged: number[] = [];
		for (let i = 0; i < acknowledgements; i++) acknowledged.push(Number((await program.lines.next()).value));
		await program.kill();
		for (let line = await program.lines.next(); line.done !== true; line = await program.lines.next())
			acknowledged.push(Number(line.value));

		const stored = new Map((await rowsOf(path, "SELECT uid, count(*) FROM events GROUP BY ALL")) as [string, number][]);
		assert.ok([...stored.values()].every((times) => times === 1));
		for (const delivery of acknowledged) {
			for (let i = 0; i < PER_DELIVERY; i++) assert.equal(stored.get(uidOf(delivery * PER_DELIVERY + i)), 1);
		}
		const total = DELIVERIES * PER_DELIVERY;
		await using sink = await openDuckdbSink(path);
		await send(sink, eventsOf(0, total));
		assert.deepEqual(sink.facts?.(), { stored: total - stored.size, repeated: stored.size });
		assert.deepEqual(await rowsOf(path, "SELECT count(*), count(DISTINCT uid) FROM events"), [[total, total]]);
	});
}
