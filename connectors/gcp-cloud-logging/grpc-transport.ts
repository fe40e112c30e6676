/** Asks Cloud Logging over gRPC, through the low-level client of @google-cloud/logging: one call, one page, nothing tried twice. */

import { isObject } from "../../src/json/value.ts";
import type { Client, EntriesPage, ListRequest } from "./client.ts";
import { ERR_GARBLED } from "./client-error.ts";
import { entryText } from "./grpc-entry.ts";
import { listedEntry } from "./listed-entry.ts";
import { coded, createIdentification, type Signer, within } from "./signer.ts";

/** What is used of a LoggingServiceV2Client. */
export interface LoggingService {
	listLogEntries(request: ListRequest, options: CallOptions): Promise<readonly unknown[]>;
	close(): Promise<void>;
}

interface CallOptions {
	readonly autoPaginate: false;
	/** Null: nothing is tried twice. */
	readonly retry: null;
	readonly timeout: number;
	readonly signal: AbortSignal;
	readonly otherArgs: { readonly headers: Readonly<Record<string, string>>; readonly options: object };
}

export interface GrpcOptions {
	readonly service: LoggingService;
	readonly requestMs: number;
	/** Finds the credentials. */
	signer(): Promise<Signer>;
	/** Options of a call that gives the Date header of its answer to `onDate`. */
	dated(onDate: (date: unknown) => void): object;
	/** Closes all connections. */
	close(): Promise<void>;
}

const UNAUTHENTICATED = 16;

export function createGrpcClient({ service, requestMs, signer, dated, close }: GrpcOptions): Client {
	const { identify, forget } = createIdentification(signer);

	async function list(request: ListRequest, signal: AbortSignal): Promise<EntriesPage> {
		const { headers } = await identify();
		let servedAtMs = Number.NaN;
		const options = dated((date) => {
			servedAtMs = Date.parse(String(date));
		});
		const otherArgs = { headers: Object.fromEntries(headers), options };
		const answer = await service
			.listLogEntries(request, { autoPaginate: false, retry: null, timeout: requestMs, signal, otherArgs })
			.catch((error: unknown) => {
				if (isObject(error) && error["code"] === UNAUTHENTICATED) forget();
				throw error;
			});
		// Entries, what the next page would be asked with, and the answer itself.
		const [entries, , response] = answer;
		const token = isObject(response) ? response["nextPageToken"] : undefined;
		if (!Array.isArray(entries)) throw coded(ERR_GARBLED, "the answer is no page of entries");
		return {
			entries: entries.map((entry) => listedEntry(entryText(entry))),
			...(typeof token === "string" && token !== "" ? { nextPageToken: token } : {}),
			...(Number.isNaN(servedAtMs) ? {} : { servedAtMs }),
		};
	}

	return {
		listEntries: (request, signal) => within(requestMs, signal, (bounded) => list(request, bounded)),
		async [Symbol.asyncDispose]() {
			await service.close();
			await close();
		},
	};
}
