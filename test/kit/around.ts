/** What a simulated process meets: a clock, a sink, a store and a quarantine, each of which may fail by plan. */

import type { CheckpointStore } from "../../src/contract/checkpoint.ts";
import type { Host } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { NO_METER } from "../../src/contract/meter.ts";
import type { Delivery, EncodedEvent, Quarantine, SendResult, Sink } from "../../src/contract/sink.ts";
import { CRASH, enter, isCalm, numbered, type World } from "./life.ts";
import { serialIn } from "./load.ts";

export function hostOf(world: World): Host {
	const { clock, random, logs, options } = world;
	const { signal } = world.process;
	async function wait(ms: number, until?: AbortSignal): Promise<void> {
		enter(world, "clock wait");
		await clock.wait(ms, AbortSignal.any([signal, ...(until === undefined ? [] : [until])]));
	}
	return { signal, clock: { now: clock.now, wait }, random, log: (line) => void logs.push(line), meter: options.meter ?? NO_METER };
}

export function sinkOf(world: World): Sink {
	const count = ({ bytes }: EncodedEvent): void => {
		const serial = serialIn(bytes);
		if (serial !== undefined) world.sends.set(serial, (world.sends.get(serial) ?? 0) + 1);
	};
	const { took = count } = world.options;
	const take = (delivery: Delivery, indexes: readonly number[]): void => {
		for (const index of indexes) took(delivery.events[index] as EncodedEvent);
	};
	return {
		name: "recorder",
		send: (delivery, signal) =>
			numbered(world, `sink ${delivery.events.length}`, () => world.options.send?.(delivery, signal) ?? seededSend(world, delivery, take)),
		[Symbol.asyncDispose]: async () => {},
	};
}

const error = (code: "SINK_UNAVAILABLE" | "SINK_REJECTED" | "CHECKPOINT_UNAVAILABLE"): CollectorError =>
	new CollectorError(code, "by plan of the simulation");

async function seededSend(
	world: World,
	delivery: Delivery,
	take: (delivery: Delivery, indexes: readonly number[]) => void,
): Promise<SendResult> {
	const { random, clock, options } = world;
	const all = [...delivery.events.keys()];
	if (options.sendMs !== undefined) await clock.wait(options.sendMs, world.process.signal);
	const dice = isCalm(world) ? 1 : random() / (options.sinkFaultRate ?? 0);
	if (dice < 0.2) return { status: "retry", error: error("SINK_UNAVAILABLE") };
	if (dice < 0.4) {
		// It took everything, and we do not get to know.
		take(delivery, all);
		return { status: "retry", error: error("SINK_UNAVAILABLE") };
	}
	if (dice < 0.6) {
		const retry = all.filter(() => random() < 0.5);
		take(
			delivery,
			all.filter((index) => !retry.includes(index)),
		);
		return retry.length === 0 ? { status: "settled", rejected: [] } : { status: "partial", rejected: [], retry };
	}
	if (dice < 0.7) return { status: "settled", rejected: all.map((index) => ({ index, error: error("SINK_REJECTED") })) };
	if (dice < 1) await clock.wait(random() * 20_000, world.process.signal);
	take(delivery, all);
	return { status: "settled", rejected: [] };
}

export function storeOf(world: World): CheckpointStore {
	const { store, random, options } = world;
	const isFault = (): boolean => !isCalm(world) && random() < (options.storeFaultRate ?? 0);
	return {
		load: (key) =>
			numbered(world, `store load ${key.tier}`, () => {
				if (isFault()) throw error("CHECKPOINT_UNAVAILABLE");
				return store.load(key);
			}),
		save: (key, cursor, expected) =>
			numbered(world, `store save ${key.tier}`, async () => {
				if (isFault()) throw error("CHECKPOINT_UNAVAILABLE");
				// What is saved is what JSON makes of it.
				const version = await store.save(key, JSON.parse(JSON.stringify(cursor)), expected);
				if (isFault()) throw error("CHECKPOINT_UNAVAILABLE");
				return version;
			}),
	};
}

export function quarantineOf(world: World): Quarantine {
	return {
		async add({ body }) {
			if (world.process.signal.aborted) throw CRASH;
			const serial = serialIn(body);
			if (serial !== undefined) world.quarantined.add(serial);
		},
		[Symbol.asyncDispose]: async () => {},
	};
}
