/** Events and answers for the tests of the store. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { TestContext } from "node:test";
import type { Delivery, EncodedEvent, SendResult, Sink } from "../contract/sink.ts";
import { runQuery } from "./query.ts";

export const NEVER: AbortSignal = new AbortController().signal;
export const START_MS = Date.parse("2026-05-04T09:30:00Z");

export function uidOf(seed: string | number): string {
	const hex = createHash("sha256").update(String(seed)).digest("hex");
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An event of the shape that is forwarded; `more` overrides top-level members. */
export function eventOf(seed: string | number, more: Readonly<Record<string, unknown>> = {}, timeMs: number = START_MS): EncodedEvent {
	const uid = uidOf(seed);
	const event = {
		class_uid: 6003,
		activity_name: "Read",
		time: timeMs,
		time_dt: new Date(timeMs).toISOString(),
		status: "Success",
		status_code: "200",
		metadata: { version: "1.8.0", uid, event_code: "ResponseComplete", reporter: { name: "shop", uid: "cluster-1" } },
		actor: { user: { name: "jane", type_id: 1, groups: [{ name: "system:authenticated" }] }, app_name: "kubectl" },
		src_endpoint: { ip: "203.0.113.7" },
		api: { operation: "get" },
		resources: [{ role_id: 1, type: "pods", name: "web-0", namespace: "shop" }],
		...more,
	};
	return textEvent(seed, JSON.stringify(event), timeMs);
}

export function textEvent(seed: string | number, text: string | Uint8Array, timeMs: number = START_MS): EncodedEvent {
	return { uid: uidOf(seed), timeMs, clusterKey: "cluster-1", bytes: Buffer.from(text) };
}

export function eventsOf(from: number, to: number): readonly EncodedEvent[] {
	return Array.from({ length: to - from }, (_, i) => eventOf(from + i, {}, START_MS + from + i));
}

export function deliveryOf(events: readonly EncodedEvent[]): Delivery {
	return { events, source: "test", partition: "a", firstSeq: 0, attempt: 1 };
}

export function send(sink: Sink, events: readonly EncodedEvent[], signal: AbortSignal = NEVER): Promise<SendResult> {
	return sink.send(deliveryOf(events), signal);
}

export async function rowsOf(path: string, sql: string): Promise<readonly (readonly unknown[])[]> {
	const result = await runQuery(path, sql);
	return (await Array.fromAsync(result.rows)).flat();
}

/** The single value of an answer. */
export async function answerOf(path: string, sql: string): Promise<unknown> {
	return (await rowsOf(path, sql))[0]?.[0];
}

/** Another process that runs `code`, a module in which `at(name)` is the address of a file of this room. */
export function startProgram(context: TestContext, code: string): { readonly lines: AsyncIterator<string>; kill(): Promise<void> } {
	const prelude = `const at = (name) => new URL(name, ${JSON.stringify(import.meta.url)}).href;\n`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", prelude + code], { stdio: ["ignore", "pipe", "inherit"] });
	const exited = once(child, "exit");
	const kill = async (): Promise<void> => {
		child.kill("SIGKILL");
		await exited;
	};
	context.after(kill);
	return { lines: linesOf(child.stdout)[Symbol.asyncIterator](), kill };
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
	let rest = "";
	for await (const chunk of chunks) {
		const lines = (rest + chunk.toString()).split("\n");
		rest = lines.pop() as string;
		yield* lines;
	}
}
