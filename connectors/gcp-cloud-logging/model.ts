/** A pure model of Cloud Logging: what is stored, when it shows, how it is listed, and how the service says no. */

import type { Clock } from "../../src/contract/connector.ts";
import { type Fault, type Faults, NO_FAULTS } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import type { Client, EntriesPage, ListRequest } from "./client.ts";
import { indexedEntry, plantedMembers } from "./model-entry.ts";
import { createEntryIndex, type IndexedEntry } from "./model-index.ts";
import { createPages, type PageLimits, RETENTION_MS } from "./model-page.ts";
import { grpcError, type Refusal, refusal, resetError, restError, timeoutError } from "./model-refusal.ts";
import type { PlantedPlace } from "./planted-entry.ts";

export interface ModelOptions extends PageLimits {
	readonly clock: Clock;
	/** In [0, 1). */
	readonly random: () => number;
	readonly faults?: Faults;
	readonly callsPerMinute?: number;
	/** How long a client waits where the fault "timeout" strikes. */
	readonly timeoutMs?: number;
	/** Of planted events. */
	readonly cluster?: { readonly name: string; readonly location: string };
}

/** What comes of one call; the last three are not the service's own words. */
export type Answer = EntriesPage | Refusal | "reset" | "timeout" | "garbled";

export interface Model {
	/** Stores an entry's JSON text. False if the service would not: it is no entry, or its time is too far from its arrival. */
	put(body: Uint8Array, at?: { readonly visibleAtMs?: number; readonly resource?: string }): boolean;
	/** Stores the entry that GKE would have written of an event, to be found by `resource`: "projects/example" if absent. */
	plant(event: PlantedEvent, resource?: string): boolean;
	/** The service, in process. What goes wrong is thrown as the libraries of the transport throw it. */
	client(transport?: "rest" | "grpc"): Client;
	/** One call of `entries.list`. */
	answer(request: ListRequest): Answer;
	/** Drops what is older, as retention does. */
	forget(beforeMs: number): void;
	/** Entries that are stored. */
	readonly size: number;
	/** Calls so far. */
	calls(): number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CALLS_PER_MINUTE = 60;
const TIMEOUT_MS = 60_000;
const DEFAULT_RESOURCE = "projects/example";
const DEFAULT_CLUSTER = { name: "simulated", location: "europe-west4" };
const OPERATION = "entries.list";

export function createModel(options: ModelOptions): Model {
	const { clock, random, faults = NO_FAULTS, retentionMs = RETENTION_MS } = options;
	const index = createEntryIndex();
	const pageOf = createPages(index, random, options);
	const overQuota = createQuota(clock, options.callsPerMinute ?? CALLS_PER_MINUTE);
	let entries = 0;
	let calls = 0;

	function store(entry: IndexedEntry | undefined): boolean {
		if (entry === undefined) return false;
		const lateMs = entry.receiveTimestamp.ms - entry.timestamp.ms;
		// source-semantics 2.1: "accepted from the bucket's retention in the past to 24 h in the future; older are not stored"
		if (lateMs > retentionMs || lateMs < -DAY_MS) return false;
		index.put(entry);
		return true;
	}

	function answer(request: ListRequest): Answer {
		calls++;
		const fault = faults(OPERATION);
		const broken = fault === undefined ? undefined : outcomeOf(fault, request);
		return broken ?? overQuota(request.resourceNames) ?? pageOf(request, clock.now());
	}

	return {
		put: (body, at = {}) => store(indexedEntry(body, { ...at, number: entries++ })),
		plant(event, resource = DEFAULT_RESOURCE) {
			const members = plantedMembers(event, placeFor(resource, options.cluster ?? DEFAULT_CLUSTER), random);
			const at = { visibleAtMs: event.visibleAtMs, resource, number: entries++ };
			return store(indexedEntry(Buffer.from(JSON.stringify(members)), at, members));
		},
		client: (transport = "rest") =>
			createModelClient(answer, clock, transport === "rest" ? restError : grpcError, options.timeoutMs ?? TIMEOUT_MS),
		answer,
		forget: (beforeMs) => index.forget(beforeMs),
		get size() {
			return index.size;
		},
		calls: () => calls,
	};
}

function createModelClient(answer: Model["answer"], clock: Clock, errorOf: (refused: Refusal) => Error, timeoutMs: number): Client {
	return {
		async listEntries(request, signal) {
			signal.throwIfAborted();
			const said = answer(request);
			if (said === "timeout") await clock.wait(timeoutMs, signal);
			if (said === "timeout") throw timeoutError();
			if (said === "reset") throw resetError();
			if (said === "garbled") return {} as EntriesPage;
			if (isRefusal(said)) throw errorOf(said);
			return said;
		},
		async [Symbol.asyncDispose]() {},
	};
}

/** Whether the service answered with a refusal. */
export function isRefusal(answer: Answer): answer is Refusal {
	return typeof answer === "object" && "rpc" in answer;
}

/** Undefined: the fault cannot strike this call. */
function outcomeOf(fault: Fault, { pageToken, resourceNames }: ListRequest): Answer | undefined {
	if (fault === "throttle") return throttled(resourceNames[0] ?? "");
	if (fault === "unavailable") return refusal("unavailable", "The service is currently unavailable.");
	if (fault === "expired-credentials") return refusal("unauthenticated", "Request had invalid authentication credentials.");
	if (fault === "denied") return refusal("denied", "Permission 'logging.logEntries.list' denied");
	if (fault !== "bad-token") return fault;
	return pageToken === undefined ? undefined : refusal("invalid", "page_token doesn't match arguments from the request");
}

function throttled(resource: string): Refusal {
	return refusal("throttled", `Quota exceeded for quota metric 'Read requests' of ${resource}`);
}

/** source-semantics 2.1: "60 requests/min per project, cannot be raised, no rate headers, 429 RESOURCE_EXHAUSTED" */
function createQuota(clock: Clock, callsPerMinute: number): (resources: readonly string[]) => Refusal | undefined {
	let minute = -1;
	const calls = new Map<string, number>();
	return (resources) => {
		const now = Math.floor(clock.now() / MINUTE_MS);
		if (now !== minute) calls.clear();
		minute = now;
		for (const resource of resources) {
			const project = resource.split("/", 2).join("/");
			const count = (calls.get(project) ?? 0) + 1;
			calls.set(project, count);
			if (count > callsPerMinute) return throttled(project);
		}
		return undefined;
	};
}

function placeFor(resource: string, { name, location }: { readonly name: string; readonly location: string }): PlantedPlace {
	const parent = resource.split("/", 2).join("/");
	const project = parent.startsWith("projects/") ? parent.slice("projects/".length) : "example";
	return { parent, project, location, cluster: name };
}
