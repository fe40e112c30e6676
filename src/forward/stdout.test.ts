import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { CollectorError } from "../contract/errors.ts";
import { openStdoutSink } from "./stdout.ts";
import { deliveryOf } from "./test-events.ts";

const { signal } = new AbortController();

test("events are lines, in order, and the stream is left open", async () => {
	const stream = new PassThrough();
	const sink = openStdoutSink(stream);
	const sent = Promise.all([
		sink.send(deliveryOf('{"a":"é"}', "{}"), signal),
		sink.send(deliveryOf(), signal),
		sink.send(deliveryOf("[]"), signal),
	]);
	for (const result of await sent) assert.deepEqual(result, { status: "settled", rejected: [] });
	await sink[Symbol.asyncDispose]();
	assert.equal(stream.writable, true);
	stream.end();
	assert.equal(await text(stream), '{"a":"é"}\n{}\n[]\n');
});

test("a delivery is settled only when the stream took it", async () => {
	let took = (): void => {};
	const stream = new Writable({
		write(_chunk, _encoding, done) {
			took = done;
		},
	});
	const sink = openStdoutSink(stream);
	let isSettled = false;
	const sent = sink.send(deliveryOf("1"), signal).then(() => {
		isSettled = true;
	});
	await new Promise((resolve) => setImmediate(resolve));
	assert.equal(isSettled, false);
	took();
	await sent;
});

test("a reader that went away ends the run with the code EPIPE, now and later, and crashes nothing", async () => {
	const closed = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
	const sink = openStdoutSink(new Writable({ write: (_chunk, _encoding, done) => done(closed) }));
	await assert.rejects(
		sink.send(deliveryOf("1"), signal),
		(error: CollectorError) => error.code === "SINK_REJECTED" && error.cause === closed,
	);
	await assert.rejects(sink.send(deliveryOf("2"), signal), { code: "SINK_REJECTED" });
	await sink[Symbol.asyncDispose]();
	await new Promise((resolve) => setImmediate(resolve));
});

test("a real pipe whose reader closes it is told in the same way", { skip: process.platform === "win32" }, () => {
	const url = JSON.stringify(new URL("./stdout.ts", import.meta.url).href);
	const script = `
		const { openStdoutSink } = await import(${url});
		const sink = openStdoutSink(process.stdout);
		const events = [{ uid: "", timeMs: 0, clusterKey: "", bytes: Buffer.alloc(100_000, "x") }];
		try {
			for (;;) await sink.send({ events, source: "", partition: "", firstSeq: 0, attempt: 1 });
		} catch (error) {
			process.stderr.write(error.code + " " + error.cause.code);
		}
		await sink[Symbol.asyncDispose]();
	`;
	const { stderr } = spawnSync("bash", ["-c", '"$0" --input-type=module -e "$1" | head -c 10', process.execPath, script], {
		encoding: "utf8",
	});
	assert.equal(stderr, "SINK_REJECTED EPIPE");
});
