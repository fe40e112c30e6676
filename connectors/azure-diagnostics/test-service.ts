/** For the tests of this folder: a service to pull from, events to find there, and what a listing brings. */

import type { Clock } from "../../src/contract/connector.ts";
import { NO_METER } from "../../src/contract/meter.ts";
import { type Attempt, createAttempt, DEFAULT_ATTEMPTS } from "../../src/pull/attempts.ts";
import { createBucket } from "../../src/pull/bucket.ts";
import type { ListedRecord, Window } from "../../src/pull/listing.ts";
import { createFakeClock, type FakeClock } from "../../src/simulation/fake-clock.ts";
import { NO_FAULTS } from "../../src/simulation/faults.ts";
import { eventText, type PlantedEvent } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { Client } from "./client.ts";
import { createList, type ReaderOptions } from "./log-analytics.ts";
import { createModel, MODEL_WORKSPACE, type Model, type ModelOptions } from "./model.ts";
import { type Settings, settings as schema } from "./settings.ts";

export const NOW_MS = Date.parse("2026-11-23T12:00:00Z");
export const HOUR_MS = 3_600_000;
export const SIGNAL = new AbortController().signal;

export interface World {
	readonly clock: FakeClock;
	readonly model: Model;
	readonly settings: Settings;
	readonly options: ReaderOptions;
	/** Records of a window, by their serials; "too-much" where the listing says so. */
	list(window: Window, client?: Client): Promise<readonly string[]>;
	records(window: Window, client?: Client): Promise<readonly ListedRecord[]>;
}

export function settingsOf(changes: object = {}): Settings {
	return schema.parse({ workspaces: [MODEL_WORKSPACE], ...changes });
}

export function attemptOf(clock: Clock, perSecond = 1_000): Attempt {
	const host = { signal: SIGNAL, clock, random: randomOf(1), log() {}, meter: NO_METER };
	return createAttempt(host, createBucket(clock, { perSecond, burst: 10 }), { ...DEFAULT_ATTEMPTS, attemptsMax: 30 });
}

export function worldOf(modelOptions: Partial<ModelOptions> = {}, settingsChanges: object = {}): World {
	const clock = createFakeClock(NOW_MS);
	const model = createModel({ clock, random: randomOf(7), faults: NO_FAULTS, ...modelOptions });
	const settings = settingsOf(settingsChanges);
	const options = { client: model.client(), attempt: attemptOf(clock), settings, clock };
	const world: World = {
		clock,
		model,
		settings,
		options,
		list: async (window, client) => (await world.records(window, client)).map(serialOf),
		async records(window, client = options.client) {
			const records: ListedRecord[] = [];
			const list = createList({ ...options, client, scope: { name: MODEL_WORKSPACE } });
			const work = async (): Promise<void> => {
				for await (const listed of list(window, SIGNAL)) {
					if (listed.kind !== "page") throw new Error(listed.kind);
					records.push(...listed.records);
				}
			};
			await clock.run(work());
			return records;
		},
	};
	return world;
}

/** An event that is visible as soon as it is taken in; `changes` replace members. */
export function planted(serial: string, takenInMs = NOW_MS - HOUR_MS, changes: Partial<PlantedEvent> = {}): PlantedEvent {
	const timeMs = changes.timeMs ?? takenInMs - 240_000;
	return { serial, text: eventText(serial, timeMs), timeMs, takenInMs, visibleAtMs: takenInMs, server: 0, ...changes };
}

/** Looks for it as the oracle does: in the bytes. */
export function serialOf({ body }: Pick<ListedRecord, "body">): string {
	return /(?:AuditId":"|auditID\\":\\")([\w-]+)/.exec(Buffer.from(body).toString())?.[1] ?? "none";
}

export const LAST_DAY: Window = { fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS };
