/** For the tests of this folder: a simulated service with credentials for it, and calls that are made once or until they succeed. */

import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Attempt } from "../../src/pull/attempts.ts";
import type { List, ListedRecord, Window } from "../../src/pull/listing.ts";
import { eventText, type PlantedEvent } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { createModel, type Model, type ModelOptions } from "./model.ts";
import { type Settings, settings } from "./settings.ts";

export const START_MS = Date.parse("2026-11-23T12:00:00Z");
export const RESOURCE = "projects/example";

/** Valid settings with the given members. */
export function settingsOf(members: object = {}): Settings {
	return settings.parse({ projects: ["example"], ...members });
}

/** An event that happened, arrived and showed at that time, unless it is said otherwise. */
export function planted(serial: string, timeMs: number, more: Partial<PlantedEvent> = {}): PlantedEvent {
	return { serial, text: eventText(serial, timeMs), timeMs, takenInMs: timeMs, visibleAtMs: timeMs, server: 0, ...more };
}

/** A model with `count` events, one a second from START_MS on, at a clock that stands at their end. */
export function modelOf(count: number, options: Partial<ModelOptions> = {}): Model {
	const clock = { now: () => START_MS + count * 1000, wait: async () => {} };
	const model = createModel({ clock, random: randomOf(7), callsPerMinute: 1e9, ...options });
	for (let i = 0; i < count; i++) model.plant(planted(`serial-${String(i).padStart(4, "0")}`, START_MS + i * 1000));
	return model;
}

export const ALL: Window = { fromMs: START_MS, toMs: START_MS + 3_600_000 };

/** One try alone. */
export const once: Attempt = (ask) => ask();

/** As the shared loop does it, but for the waiting. */
export const untilGood: Attempt = async (ask) => {
	for (let tries = 0; ; tries++) {
		try {
			return await ask();
		} catch (error) {
			if (!(error instanceof CollectorError) || error.action !== "retry" || tries > 50) throw error;
		}
	}
};

/** All records of a window; a listing that must begin anew does. */
export async function listed(list: List, window: Window = ALL, signal = new AbortController().signal): Promise<readonly ListedRecord[]> {
	for (let turns = 0; turns < 200; turns++) {
		const records: ListedRecord[] = [];
		let isWhole = true;
		for await (const answer of list(window, signal)) {
			if (answer.kind === "page") records.push(...answer.records);
			else isWhole = false;
		}
		if (isWhole) return records;
	}
	throw new Error("the listing never came through");
}

/** The insertIds of records, which are the serials of planted events. */
export function serialsOf(records: readonly ListedRecord[]): readonly string[] {
	return records.map(({ id }) => id.split("\n")[2] ?? id);
}

export interface Credentials extends AsyncDisposable {
	/** Of a workload identity, whose tokens are given by the simulator at this address. */
	federated(url: string): Promise<string>;
	/** Of a service account's key. */
	key(): Promise<string>;
	/** Of any content. */
	file(content: object | string): Promise<string>;
}

/** Credentials files in a folder of their own. */
export async function createCredentials(): Promise<Credentials> {
	const folder = await mkdtemp(join(tmpdir(), "gcp-"));
	let files = 0;

	async function file(content: object | string): Promise<string> {
		const path = join(folder, `${++files}.json`);
		await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
		return path;
	}

	return {
		file,
		federated: async (url) =>
			file({
				type: "external_account",
				audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
				subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
				token_url: `${url}/v1/token`,
				credential_source: { file: await file("subject-token") },
			}),
		key: () => {
			const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
			const pem = privateKey.export({ type: "pkcs8", format: "pem" });
			return file({
				type: "service_account",
				client_email: "reader@example.iam.gserviceaccount.com",
				private_key: pem,
				private_key_id: "k1",
			});
		},
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
	};
}
