/** The API of CloudWatch Logs behind a small interface, and the real client of it: the only file that loads the AWS SDK. */

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { areCredentialsExpired } from "./client-error.ts";
import { within } from "./deadline.ts";
import type { Settings } from "./settings.ts";

/** All but the token must stay the same from page to page. */
export interface FilterLogEventsRequest {
	readonly region: string;
	/** A log group's name, or its ARN without `:*`: of a linked account only the ARN finds it. */
	readonly logGroup: string;
	readonly logStreamNamePrefix: string;
	/** Epoch milliseconds; both ends are taken to be inclusive. */
	readonly startTime: number;
	readonly endTime: number;
	/** Events of a page at most; absent: 10,000. */
	readonly limit?: number;
	readonly nextToken?: string;
}

export interface LogEvent {
	readonly logStreamName: string;
	/** Epoch milliseconds. */
	readonly timestamp: number;
	readonly message: string;
	/** Epoch milliseconds. */
	readonly ingestionTime: number;
	/** A number of 56 digits, as text. */
	readonly eventId: string;
}

export interface DescribeLogGroupsRequest {
	readonly region: string;
	readonly logGroupNamePrefix: string;
	readonly nextToken?: string;
}

export interface LogGroup {
	readonly logGroupName: string;
	/** With `:*` at its end. */
	readonly arn: string;
	/** Absent: for ever. */
	readonly retentionInDays?: number;
	/** STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS. */
	readonly logGroupClass?: string;
}

/** Of Logs Insights. */
export interface StartQueryRequest {
	readonly region: string;
	/** As for FilterLogEvents. */
	readonly logGroup: string;
	readonly queryString: string;
	/** Epoch seconds of events; both ends are taken to be inclusive. */
	readonly startTime: number;
	readonly endTime: number;
}

export interface GetQueryResultsRequest {
	readonly region: string;
	readonly queryId: string;
}

/** A page as it came, which may be anything: see answer.ts. */
export interface Answer {
	/** The service's clock as its Date header tells it, in whole seconds, epoch milliseconds. */
	readonly servedAtMs?: number;
	/** FilterLogEvents. */
	readonly events?: readonly LogEvent[];
	/** DescribeLogGroups. */
	readonly logGroups?: readonly LogGroup[];
	readonly nextToken?: string;
	/** StartQuery. */
	readonly queryId?: string;
	/** GetQueryResults: what is there so far, as names and texts. */
	readonly results?: readonly (readonly { readonly field?: string; readonly value?: string }[])[];
	readonly status?: string;
}

/** Calls of the service, each of them made once. What goes wrong is thrown as the SDK throws it: see client-error.ts. */
export interface Client extends AsyncDisposable {
	filterLogEvents(request: FilterLogEventsRequest, signal: AbortSignal): Promise<Answer>;
	describeLogGroups(request: DescribeLogGroupsRequest, signal: AbortSignal): Promise<Answer>;
	startQuery(request: StartQueryRequest, signal: AbortSignal): Promise<Answer>;
	getQueryResults(request: GetQueryResultsRequest, signal: AbortSignal): Promise<Answer>;
}

/** What the outside says of the network, and how long to wait for it. */
export interface Network {
	/** Address of an HTTP proxy for every connection but those to metadata services. Absent: none. */
	readonly proxy?: string;
	/** Hosts that are asked directly, as NO_PROXY has them. */
	readonly noProxy?: string;
	/** Until a connection stands. */
	readonly connectMs?: number;
	/** Until an answer is complete, with all that it takes to get credentials. */
	readonly requestMs?: number;
	/** Warnings of the SDK, which hold no content. */
	readonly log?: (message: string) => void;
}

const CONNECT_MS = 10_000;
const REQUEST_MS = 60_000;
const SESSION_NAME = "kube-audit-collector";
const SOCKETS_MAX = 50;

/** Loads the SDK and prepares its clients, one a Region; asks nothing yet. */
export async function connect(settings: Settings, network: Network = {}): Promise<Client> {
	const sdk = await import("@aws-sdk/client-cloudwatch-logs");
	const transport = transportOf(network);
	const requestMs = network.requestMs ?? REQUEST_MS;
	let credentials = await credentialsOf(settings, transport);
	const clients = new Map<string, CloudWatchLogsClient>();

	function clientOf(region: string): CloudWatchLogsClient {
		const known = clients.get(region);
		if (known !== undefined) return known;
		const client = new sdk.CloudWatchLogsClient({ region, credentials, ...transport.config, ...endpointOf(settings.endpoint) });
		addServedAt(client);
		clients.set(region, client);
		return client;
	}

	async function call(
		region: string,
		ask: (client: CloudWatchLogsClient, abortSignal: AbortSignal) => Promise<object>,
		signal: AbortSignal,
	) {
		try {
			return (await within(requestMs, signal, (abortSignal) => ask(clientOf(region), abortSignal))) as Answer;
		} catch (error) {
			// The SDK keeps credentials until the time that came with them; these have ended before.
			if (areCredentialsExpired(error)) {
				clients.clear();
				credentials = await credentialsOf(settings, transport);
			}
			throw error;
		}
	}

	return {
		filterLogEvents({ region, logGroup, ...rest }, signal) {
			const group = logGroup.startsWith("arn:") ? { logGroupIdentifier: logGroup } : { logGroupName: logGroup };
			const command = new sdk.FilterLogEventsCommand({ ...group, ...rest });
			return call(region, (client, abortSignal) => client.send(command, { abortSignal }), signal);
		},
		describeLogGroups({ region, ...rest }, signal) {
			const command = new sdk.DescribeLogGroupsCommand(rest);
			return call(region, (client, abortSignal) => client.send(command, { abortSignal }), signal);
		},
		startQuery({ region, logGroup, ...rest }, signal) {
			const group = logGroup.startsWith("arn:") ? { logGroupIdentifiers: [logGroup] } : { logGroupName: logGroup };
			const command = new sdk.StartQueryCommand({ ...group, ...rest });
			return call(region, (client, abortSignal) => client.send(command, { abortSignal }), signal);
		},
		getQueryResults({ region, queryId }, signal) {
			const command = new sdk.GetQueryResultsCommand({ queryId });
			return call(region, (client, abortSignal) => client.send(command, { abortSignal }), signal);
		},
		async [Symbol.asyncDispose]() {
			clients.clear();
			transport.close();
		},
	};
}

/** Puts the time of the Date header beside what the answer holds. */
function addServedAt(client: CloudWatchLogsClient): void {
	client.middlewareStack.add(
		(next) => async (args) => {
			const result = await next(args);
			const { headers } = (result.response ?? {}) as { readonly headers?: Readonly<Record<string, string>> };
			const servedAtMs = Date.parse(headers?.["date"] ?? "");
			if (Number.isFinite(servedAtMs)) Object.assign(result.output ?? {}, { servedAtMs });
			return result;
		},
		{ step: "deserialize", name: "servedAt", priority: "high" },
	);
}

type Transport = ReturnType<typeof transportOf>;

/** What all clients of the SDK share: those of the log service and those that its credential providers make. */
function transportOf({ proxy, noProxy, connectMs = CONNECT_MS, requestMs = REQUEST_MS, log }: Network) {
	const proxyEnv = {
		...(proxy === undefined ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }),
		...(noProxy === undefined ? {} : { NO_PROXY: noProxy }),
	};
	const options = { keepAlive: true, maxSockets: SOCKETS_MAX, proxyEnv };
	const httpAgent = new HttpAgent(options);
	const httpsAgent = new HttpsAgent(options);
	const silent = (): void => {};
	// What the SDK logs of calls and errors holds their content.
	const warn = (text: unknown): void => void (typeof text === "string" && log?.(text));
	const logger = { trace: silent, debug: silent, info: silent, warn, error: silent };
	return {
		logger,
		config: {
			// Attempts are made above, within the quota: the SDK's own would come on top.
			maxAttempts: 1,
			logger,
			requestHandler: {
				httpAgent,
				httpsAgent,
				connectionTimeout: connectMs,
				requestTimeout: requestMs,
				socketTimeout: requestMs,
				// Without it a request that takes too long is only warned of.
				throwOnRequestTimeout: true,
			},
		},
		close(): void {
			httpAgent.destroy();
			httpsAgent.destroy();
		},
	};
}

/** The SDK's own chain (environment, IRSA, pod identity, profile, instance), and on top of it a role, if one is to be assumed. */
async function credentialsOf({ profile, roleArn, externalId, stsEndpoint }: Settings, { config, logger }: Transport) {
	const { fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
	const clientConfig = { ...config, ...endpointOf(stsEndpoint) };
	// A profile may sign in elsewhere than at STS, with the same configuration.
	const chain = fromNodeProviderChain({ logger, ...(profile === undefined ? { clientConfig } : { profile, clientConfig: config }) });
	if (roleArn === undefined) return chain;
	return fromTemporaryCredentials({
		logger,
		masterCredentials: chain,
		clientConfig,
		params: { RoleArn: roleArn, RoleSessionName: SESSION_NAME, ...(externalId === undefined ? {} : { ExternalId: externalId }) },
	});
}

function endpointOf(endpoint: string | undefined): { readonly endpoint?: string } {
	return endpoint === undefined ? {} : { endpoint };
}
