/** The query API of Log Analytics behind a small interface, by Microsoft's SDK, of which nothing but the exact answer is taken. */

import { randomUUID } from "node:crypto";
import type { LogsQueryClient } from "@azure/monitor-query-logs";
import { CollectorError } from "../../src/contract/errors.ts";
import { errorBody, readBounded } from "./answer-bytes.ts";
import { collectorErrorOf } from "./client-error.ts";
import type { Settings } from "./settings.ts";
import { targetOf } from "./target.ts";

/** Tables of the plans Basic and Auxiliary cannot be queried, only searched, each for itself. */
export type Plan = "analytics" | "basic";

/** Epoch milliseconds, both ends inclusive. */
export interface Timespan {
	readonly fromMs: number;
	readonly toMs: number;
}

export interface QueryRequest {
	readonly workspaceId: string;
	readonly plan: Plan;
	readonly query: string;
	/** Of TimeGenerated. */
	readonly timespan: Timespan;
	readonly serverTimeoutSeconds: number;
	/** Bytes of the answer that are read at most. */
	readonly bytesMax: number;
}

export interface QueryAnswer {
	/** "ok": there is a body, maybe an empty one, which is no answer; "no-content": status 204; "too-large": more than asked for. */
	readonly status: "ok" | "no-content" | "too-large";
	/** The response's exact bytes, decompressed. Whether it is partial, it says itself. */
	readonly body: Uint8Array;
	/** The Date header, epoch milliseconds. */
	readonly servedAtMs?: number;
}

/** What is asked of the service; disposing of it ends the calls under way. Rejects with what the SDK throws, an Error "TimeoutError", or the signal's reason. */
export interface Client extends AsyncDisposable {
	query(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer>;
}

export interface ConnectOptions {
	/** Tokens from elsewhere, instead of by the settings' identity. */
	readonly credential?: Credential;
	/** Lets an http endpoint be anywhere. One on loopback needs no leave. */
	readonly allowInsecure?: boolean;
	/** Beyond what the service may take: for connecting, signing in and reading. Milliseconds. */
	readonly timeoutMs?: number;
}

type Credential = ConstructorParameters<typeof LogsQueryClient>[0];

type Pipeline = LogsQueryClient["pipeline"];
type Policy = Parameters<Pipeline["addPolicy"]>[0];
type Response = Awaited<ReturnType<Policy["sendRequest"]>>;

/** One call on its way through the SDK's pipeline. */
interface Call {
	readonly request: QueryRequest;
	readonly signal: AbortSignal;
	answer?: QueryAnswer;
}

const TIMEOUT_MS = 30_000;
const ERROR_BYTES_MAX = 64 * 1024;
/** Azure's own name for what tells requests apart; it stands in its logs too. */
const ID_HEADER = "x-ms-client-request-id";
const BEARER_POLICY = "bearerTokenAuthenticationPolicy";

/** Proxies and certificate authorities of the environment are honoured by the SDK itself. Throws CONFIG_INVALID or ACCESS_DENIED. */
export async function connect(settings: Settings, options: ConnectOptions = {}): Promise<Client> {
	const { LogsQueryClient: SdkClient } = await import("@azure/monitor-query-logs");
	const target = targetOf(settings, options.allowInsecure === true);
	const calls = new Map<string, Call>();
	const closing = new AbortController();

	async function open(): Promise<LogsQueryClient> {
		const sdk = new SdkClient(options.credential ?? (await credentialOf(settings, target.authorityHost)), {
			endpoint: target.endpoint,
			credentials: { scopes: [`${target.audience}/.default`] },
			retryOptions: { maxRetries: 0 },
			redirectOptions: { maxRetries: 0 },
			userAgentOptions: { userAgentPrefix: "kube-audit-collector" },
		});
		sdk.pipeline.addPolicy(capture(calls), { beforePolicies: [BEARER_POLICY] });
		if (target.isInsecure) sdk.pipeline.addPolicy(PLAIN_HTTP, { afterPhase: "Sign" });
		return sdk;
	}

	let sdk = await open().catch((error: unknown) => {
		throw collectorErrorOf(error, {});
	});
	return {
		async query(request, signal) {
			const limitMs = request.serverTimeoutSeconds * 1000 + (options.timeoutMs ?? TIMEOUT_MS);
			const ending = AbortSignal.any([signal, closing.signal, AbortSignal.timeout(limitMs)]);
			const id = randomUUID();
			const call: Call = { request, signal: ending };
			calls.set(id, call);
			try {
				await unlessAborted(send(sdk, id, request), ending);
			} catch (error) {
				ending.throwIfAborted();
				// The SDK keeps a token until it ends: a new one comes only with a new client.
				if ((error as { statusCode?: unknown }).statusCode === 401) sdk = await open();
				throw error;
			} finally {
				calls.delete(id);
			}
			return call.answer as QueryAnswer;
		},
		async [Symbol.asyncDispose]() {
			closing.abort();
		},
	};
}

async function send(sdk: LogsQueryClient, id: string, request: QueryRequest): Promise<void> {
	const timespan = { startTime: new Date(request.timespan.fromMs), endTime: new Date(request.timespan.toMs) };
	await sdk.queryWorkspace(request.workspaceId, request.query, timespan, {
		serverTimeoutInSeconds: request.serverTimeoutSeconds,
		requestOptions: { headers: { [ID_HEADER]: id } },
	});
}

/**
 * Takes the answer's bytes out of the pipeline, since the SDK's parsing loses digits of times and numbers, and gives the SDK
 * an empty result instead. It also adds what the SDK's call has no way to say: the signal (which it drops), the search of Basic tables.
 */
function capture(calls: ReadonlyMap<string, Call>): Policy {
	return {
		name: "exactAnswerPolicy",
		async sendRequest(request, next) {
			const call = calls.get(request.headers.get(ID_HEADER) ?? "");
			if (call === undefined) return next(request);
			request.abortSignal = call.signal;
			request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
			if (call.request.plan === "basic") request.url = searchUrl(request.url, call.request.timespan);
			const response = await next(request);
			const isGood = response.status >= 200 && response.status < 300;
			const bytes = await readBounded(response.readableStreamBody, isGood ? call.request.bytesMax : ERROR_BYTES_MAX);
			if (isGood) call.answer = answerOf(response, bytes);
			return standIn(response, isGood ? '{"tables":[]}' : errorBody(response.status, bytes));
		},
	};
}

function answerOf({ status, headers }: Response, bytes: Uint8Array | undefined): QueryAnswer {
	const servedAtMs = Date.parse(headers.get("date") ?? "");
	return {
		status: status === 204 ? "no-content" : bytes === undefined ? "too-large" : "ok",
		body: bytes ?? new Uint8Array(0),
		...(Number.isNaN(servedAtMs) ? {} : { servedAtMs }),
	};
}

function standIn({ status, headers, request }: Response, bodyAsText: string): Response {
	headers.set("content-type", "application/json");
	return { status: status >= 200 && status < 300 ? 200 : status, headers, request, bodyAsText };
}

/** The same call for a Basic table; there the time range is part of the address. */
function searchUrl(queryUrl: string, { fromMs, toMs }: Timespan): string {
	const url = new URL(queryUrl);
	url.pathname = url.pathname.replace(/\/query$/, "/search");
	url.searchParams.set("timespan", `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}`);
	return url.href;
}

/** The SDK gives tokens to https addresses only: the address becomes the real one once the token is in. */
const PLAIN_HTTP: Policy = {
	name: "plainHttpPolicy",
	sendRequest(request, next) {
		request.url = request.url.replace(/^https:/, "http:");
		request.allowInsecureConnection = true;
		delete request.agent;
		return next(request);
	},
};

async function credentialOf({ identity }: Settings, authorityHost: string): Promise<Credential> {
	const azure = await import("@azure/identity");
	// Instances of Entra that Microsoft's directory does not know of cannot be looked up there.
	const isKnown = Object.values(azure.AzureAuthorityHosts).some((host) => host.replace(/\/$/, "") === authorityHost.replace(/\/$/, ""));
	const common = { authorityHost, disableInstanceDiscovery: !isKnown, retryOptions: { maxRetries: 0 } };
	switch (identity.kind) {
		case "default":
			return new azure.DefaultAzureCredential(given({ ...common, managedIdentityClientId: identity.clientId }));
		case "workload":
			return new azure.WorkloadIdentityCredential(
				given({ ...common, clientId: identity.clientId, tenantId: identity.tenantId, tokenFilePath: identity.tokenFile }),
			);
		case "managed":
			return new azure.ManagedIdentityCredential(given({ ...common, clientId: identity.clientId }));
		case "cli":
			return new azure.AzureCliCredential(given({ tenantId: identity.tenantId }));
		case "service-principal":
			if (identity.clientSecret !== "")
				return new azure.ClientSecretCredential(identity.tenantId, identity.clientId, identity.clientSecret, common);
			throw new CollectorError("CONFIG_INVALID", "the client secret is empty: look at what identity.clientSecret points to");
	}
}

/** Without what is undefined. */
function given<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

/** Signing in may not heed a signal: the waiting ends with it at least. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	const { promise, reject } = Promise.withResolvers<never>();
	const abort = (): void => reject(signal.reason);
	if (signal.aborted) abort();
	signal.addEventListener("abort", abort, { once: true });
	return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}
