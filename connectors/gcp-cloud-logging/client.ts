/** The API of Cloud Logging behind a small interface, and the real client of it: the only file that loads Google's libraries. */

import { createSecureContext } from "node:tls";
import { asRecord } from "../../src/json/value.ts";
import type { ListedRecord } from "../../src/pull/listing.ts";
import { addressOf } from "./grpc-proxy.ts";
import { createGrpcClient, type LoggingService } from "./grpc-transport.ts";
import { type Key, readKey } from "./key-file.ts";
import { createRestClient } from "./rest-transport.ts";
import type { Settings } from "./settings.ts";
import type { Signer } from "./signer.ts";

/** `entries.list`, as google.logging.v2 has it. All but the token must stay the same from page to page. */
export interface ListRequest {
	readonly resourceNames: readonly string[];
	readonly filter: string;
	readonly orderBy: string;
	readonly pageSize: number;
	readonly pageToken?: string;
}

export interface EntriesPage {
	readonly entries: readonly ListedRecord[];
	/** The search goes on, also if there are no entries here. Absent: it has ended. */
	readonly nextPageToken?: string;
	/** The service's clock as its Date header tells it, in whole seconds, epoch milliseconds. */
	readonly servedAtMs?: number;
}

/** Calls of the service, each of them made once. What goes wrong is thrown as Google's libraries throw it: see client-error.ts. */
export interface Client extends AsyncDisposable {
	listEntries(request: ListRequest, signal: AbortSignal): Promise<EntriesPage>;
}

/** What the outside says of the network, and how long to wait for it. */
export interface Network {
	/** Address of an HTTP proxy for every connection but that to the metadata server. Absent: none. */
	readonly proxy?: string;
	/** Hosts that are asked directly, as NO_PROXY has them. */
	readonly noProxy?: string;
	/** Until a connection stands. */
	readonly connectMs?: number;
	/** Until an answer is complete, with all that it takes to get a token. */
	readonly requestMs?: number;
	/** Bytes of an answer, inflated; a larger one is refused, and asked for in smaller pages. */
	readonly answerBytesMax?: number;
}

const SCOPES = ["https://www.googleapis.com/auth/logging.read"];
const UNIVERSE = "googleapis.com";
const CONNECT_MS = 10_000;
const REQUEST_MS = 60_000;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

type Chosen = Pick<Settings, "transport" | "endpoint" | "universe" | "credentials">;
type Auth = typeof import("google-auth-library");
type Undici = typeof import("undici");
type Interceptor = import("@grpc/grpc-js").Interceptor;

/**
 * The client of the real service. Nothing is asked yet, and credentials are looked for with the first call.
 * Throws CONFIG_INVALID if the credentials file cannot be used.
 */
export async function connect(settings: Chosen, network: Network = {}): Promise<Client> {
	const [auth, undici, key] = await Promise.all([import("google-auth-library"), import("undici"), keyOf(settings)]);
	const dispatcher = dispatcherOf(undici, network);
	const identity = {
		transporterOptions: { fetchImplementation: fetchVia(undici, dispatcher), timeout: network.requestMs ?? REQUEST_MS },
		// Tokens may end before their time, when keys are rotated.
		forceRefreshOnFailure: true,
		...(settings.universe === undefined ? {} : { universeDomain: settings.universe }),
	};
	const endpoint = settings.endpoint ?? `https://logging.${settings.universe ?? UNIVERSE}`;
	const requestMs = network.requestMs ?? REQUEST_MS;
	const answerBytesMax = network.answerBytesMax ?? ANSWER_BYTES_MAX;
	const signer = async () => (key === undefined ? defaultSigner(auth, identity) : signerOfKey(auth, identity, key)) as Promise<Signer>;
	const close = () => dispatcher.destroy();
	if (settings.transport === "rest") return createRestClient({ endpoint, requestMs, answerBytesMax, signer, close });
	const link = await linkOf(auth, { ...settings, endpoint }, { ...network, answerBytesMax });
	return createGrpcClient({ ...link, requestMs, signer, close });
}

function keyOf({ credentials: { keyFile } }: Chosen): Promise<Key> | undefined {
	return keyFile === undefined ? undefined : readKey(keyFile);
}

/** The heavy part: gRPC, and the descriptions of all messages of the service. */
async function linkOf(auth: Auth, { endpoint = "", universe }: Chosen, { proxy, noProxy, answerBytesMax }: Network) {
	const [{ v2 }, { credentials, InterceptingCall }] = await Promise.all([import("@google-cloud/logging"), import("@grpc/grpc-js")]);
	const { host, port, options } = addressOf(endpoint, proxy, noProxy);
	// Tokens come with each call, so that they are had in the same way as for REST.
	const stranger = new auth.PassThroughClient(universe === undefined ? {} : { universeDomain: universe });
	const service = new v2.LoggingServiceV2Client({
		apiEndpoint: host,
		port,
		// The certificates that Node knows; those of the library's own choice are named by another variable.
		sslCreds: endpoint.startsWith("http:") ? credentials.createInsecure() : credentials.createFromSecureContext(createSecureContext()),
		auth: new auth.GoogleAuth({ authClient: stranger, projectId: "-" }),
		...(universe === undefined ? {} : { universeDomain: universe }),
		"grpc.max_receive_message_length": answerBytesMax,
		...options,
	} as object) as unknown as LoggingService;
	return { service, dated: (onDate: OnDate) => ({ interceptors: [dateInterceptor(InterceptingCall, onDate)] }) };
}

type OnDate = (date: unknown) => void;

/** The headers of an answer are seen by interceptors alone. */
function dateInterceptor(InterceptingCall: typeof import("@grpc/grpc-js").InterceptingCall, onDate: OnDate): Interceptor {
	return (options, nextCall) =>
		new InterceptingCall(nextCall(options), {
			start: (metadata, _listener, next) =>
				next(metadata, {
					onReceiveMetadata(received, forward) {
						onDate(received.get("date")[0]);
						forward(received);
					},
				}),
		});
}

function dispatcherOf(undici: Undici, { proxy, noProxy, connectMs = CONNECT_MS, requestMs = REQUEST_MS }: Network) {
	// Pages come one after the other: HTTP/2 would gain nothing.
	const options = { connect: { timeout: connectMs }, headersTimeout: requestMs, bodyTimeout: requestMs, allowH2: false };
	if (proxy === undefined) return new undici.Agent(options);
	// Empty text: else the library would look into the environment.
	return new undici.EnvHttpProxyAgent({ ...options, httpProxy: proxy, httpsProxy: proxy, noProxy: noProxy ?? "" });
}

function fetchVia(undici: Undici, dispatcher: InstanceType<Undici["Dispatcher"]>): typeof fetch {
	const fetchWith = (input: string, init: object) => undici.fetch(input, { ...init, dispatcher });
	// The library's types are its own, its objects are those of the standard.
	return ((input: URL, { method, headers, body, signal, redirect }: RequestInit) =>
		fetchWith(String(input), { method, headers, body, signal, redirect })) as unknown as typeof fetch;
}

type Identity = ConstructorParameters<Auth["JWT"]>[0] & object;

async function defaultSigner(auth: Auth, identity: Identity): Promise<object> {
	// A metadata server that was not there yet is looked for again: the library would remember that it was not there.
	auth.gcpMetadata.resetIsAvailableCache();
	// A project that is named is not looked for, with the command line of gcloud among others.
	const finder = new auth.GoogleAuth({ scopes: SCOPES, clientOptions: identity, projectId: "-" });
	// As Google's own clients have it: a key signs for itself, and no token service is asked.
	finder.useJWTAccessWithScope = true;
	return finder.getClient();
}

function signerOfKey(auth: Auth, identity: Identity, key: Key): object {
	const { type, credential_source: source } = key;
	if (type === "authorized_user") {
		const client = new auth.UserRefreshClient(identity);
		client.fromJSON(key);
		return client;
	}
	if (type === "external_account") {
		const options = { ...key, ...identity, scopes: SCOPES } as unknown as ConstructorParameters<Auth["IdentityPoolClient"]>[0] &
			ConstructorParameters<Auth["AwsClient"]>[0];
		return "environment_id" in asRecord(source) ? new auth.AwsClient(options) : new auth.IdentityPoolClient(options);
	}
	const client = new auth.JWT({ ...identity, scopes: SCOPES });
	client.fromJSON(key);
	client.useJWTAccessWithScope = true;
	return client;
}
