/** Looks at the places that collection writes to: checkpoints, quarantine and sinks; leaves all as it was but for a probe key. */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { openCheckpoints } from "../../checkpoint/stores.ts";
import type { CheckpointStore } from "../../contract/checkpoint.ts";
import { CollectorError } from "../../contract/errors.ts";
import { reasonOf } from "../../forward/file.ts";
import type { SinkConfig } from "../config/config-sinks.ts";
import { redactSecrets } from "../config/secrets.ts";
import { type Finding, fail, ok, type Place, warn } from "./check-report.ts";

/** An open store, if it is there and can be opened, with what is to be told of it. */
export interface CheckedStore extends AsyncDisposable {
	readonly place: Place;
	readonly store: CheckpointStore | undefined;
}

/** No source can have this scope: its name is no scope's of ours. */
const PROBE = { source: "check-probe", scope: "check-probe", tier: "fast" } as const;
/** Another check may be probing at the same time. */
const PROBES_MAX = 3;

/** A file that is not there is not made: it would belong to whoever runs the check. */
export async function checkCheckpoints(spec: string): Promise<CheckedStore> {
	const name = shownSpec(spec);
	const path = /^file:(?!\/\/)(.+)$/s.exec(spec)?.[1];
	if (spec === "memory:")
		return without(name, warn("store", "in memory: every start begins anew", "set checkpoints to a file or a bucket"));
	if (path !== undefined && !(await exists(path))) return without(name, await newFile("store", path));
	let store: (CheckpointStore & AsyncDisposable) | undefined;
	try {
		store = await openCheckpoints(spec);
		await probe(store);
		return opened(name, ok("store", "can be read and written"), store);
	} catch (error) {
		return opened(name, problem("store", error), store);
	}
}

function without(name: string, finding: Finding): CheckedStore {
	return { place: { name, findings: [finding] }, store: undefined, async [Symbol.asyncDispose]() {} };
}

function opened(name: string, finding: Finding, store: (CheckpointStore & AsyncDisposable) | undefined): CheckedStore {
	return { place: { name, findings: [finding] }, store, [Symbol.asyncDispose]: async () => store?.[Symbol.asyncDispose]() };
}

async function probe(store: CheckpointStore): Promise<void> {
	for (let tries = 1; ; tries++) {
		const known = await store.load(PROBE);
		try {
			await store.save(PROBE, { v: 1 }, known?.version);
			return;
		} catch (error) {
			if (tries === PROBES_MAX || !(error instanceof CollectorError) || error.code !== "CHECKPOINT_CONFLICT") throw error;
		}
	}
}

export async function checkQuarantine(path: string): Promise<Place> {
	return { name: path, findings: [await file("quarantine", path)] };
}

export async function checkSink({ to, name }: SinkConfig): Promise<Place> {
	const [, kind = "", target = ""] = /^([a-z]+):(.*)$/s.exec(to) ?? [];
	const looks: Readonly<Record<string, () => Promise<Finding>>> = {
		stdout: async () => ok("sink", "standard output"),
		file: () => file("sink", target),
		duckdb: () => duckdb(target),
	};
	const look = Object.hasOwn(looks, kind) ? looks[kind] : undefined;
	const finding = look === undefined ? warn("sink", "whether it accepts cannot be told without sending an event") : await look();
	return { name: redactSecrets(name), findings: [finding] };
}

/** Neither made nor cut. */
async function file(about: string, path: string): Promise<Finding> {
	if (!(await exists(path))) return newFile(about, path);
	try {
		if ((await stat(path)).isDirectory()) throw Object.assign(new Error("folder"), { code: "EISDIR" });
		await access(path, constants.W_OK);
		return ok(about, "can be written");
	} catch (error) {
		return fail(about, `cannot write ${path}: ${reasonOf(error)}`);
	}
}

async function newFile(about: string, path: string): Promise<Finding> {
	try {
		const folder = dirname(resolve(path));
		if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error("file"), { code: "ENOTDIR" });
		await access(folder, constants.W_OK | constants.X_OK);
		return ok(about, "not there yet; its folder can be written");
	} catch (error) {
		return fail(about, `cannot create ${path}: ${reasonOf(error)}`);
	}
}

/** As a reader: an owner would change it. Its folders are made when it is opened in earnest. */
async function duckdb(path: string): Promise<Finding> {
	if (!(await exists(path))) {
		let folder = dirname(resolve(path));
		while (folder !== dirname(folder) && !(await exists(folder))) folder = dirname(folder);
		return newFile("sink", resolve(folder, "store.duckdb"));
	}
	const writable = await file("sink", path);
	if (writable.mark !== "ok") return writable;
	const { openStore } = await import("../../backend/store.ts");
	try {
		await using _ = await openStore(path, { readOnly: true });
		return ok("sink", "opens, and nobody else writes to it");
	} catch (error) {
		const { mark, about, text } = problem("sink", error);
		const isInUse = error instanceof CollectorError && error.code === "SINK_UNAVAILABLE";
		return { mark, about, text, ...(isInUse ? { advice: "if that process is this collector, all is well" } : {}) };
	}
}

function problem(about: string, error: unknown): Finding {
	return fail(about, redactSecrets((error as Error).message));
}

async function exists(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		({ code }: NodeJS.ErrnoException) => code !== "ENOENT",
	);
}

/** An address may bear a signature, which is a secret. */
function shownSpec(spec: string): string {
	return redactSecrets(spec.replace(/^(https:[^?]*)\?.*$/s, "$1?***"));
}
