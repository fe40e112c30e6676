/** The model of CloudWatch Logs behind its real wire protocol (awsJson1_1) on loopback, with the token services beside it. */

import { isObject, parseOrNone } from "../../src/json/value.ts";
import { type SocketFault, serveWire, type Wire, type WireReply, type WireRequest } from "../../src/simulation/wire.ts";
import type { Answer, Client } from "./client.ts";
import { createDesk, type Desk, type DeskSettings } from "./credential-desk.ts";
import type { Model } from "./model.ts";
import { isServiceError, serviceError } from "./service-error.ts";

export interface SimulatorSettings extends DeskSettings {
	readonly model: Model;
	/** 0, or absent: any free port. */
	readonly port?: number;
	/** PEM. Absent: plain HTTP. */
	readonly tls?: { readonly key: string; readonly cert: string };
	/** Asked once for every request. Faults of the model that are the network's come out as a 502. */
	readonly socketFault?: () => SocketFault | undefined;
}

export interface Simulator extends Wire, Pick<Desk, "expireAll" | "issued"> {
	/** For AWS_CONTAINER_CREDENTIALS_FULL_URI. */
	readonly credentialsUrl: string;
}

const CREDENTIALS_PATH = "/credentials";

/** Listens on 127.0.0.1: log service and STS on POST /, container credentials on GET /credentials. */
export async function serveSimulator({ model, port, tls, socketFault, ...deskSettings }: SimulatorSettings): Promise<Simulator> {
	const desk = createDesk(model.now, deskSettings);
	const client = model.client();
	const wire = await serveWire({
		answer(request) {
			if (request.path.startsWith(CREDENTIALS_PATH)) return desk.answerContainer(request);
			return isForm(request) ? desk.answerSts(request) : answerLogs(request, desk, client);
		},
		now: model.now,
		...(port === undefined ? {} : { port }),
		...(tls === undefined ? {} : { tls }),
		...(socketFault === undefined ? {} : { socketFault }),
	});
	return Object.assign(wire, { credentialsUrl: `${wire.url}${CREDENTIALS_PATH}`, expireAll: desk.expireAll, issued: desk.issued });
}

function isForm({ headers }: WireRequest): boolean {
	return (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
}

async function answerLogs(request: WireRequest, desk: Desk, client: Client): Promise<WireReply> {
	try {
		const region = desk.authenticate(request, "logs");
		const [, operation = ""] = /^Logs_20140328\.(\w+)$/.exec(request.headers["x-amz-target"] ?? "") ?? [];
		const input = parseOrNone(request.body);
		if (request.method !== "POST" || !isObject(input)) throw serviceError("SerializationException", "The request is no JSON object.");
		const answer = await operate(operation, { ...input, region }, client);
		return reply(200, answer);
	} catch (error) {
		if (isServiceError(error)) return reply(error.$metadata.httpStatusCode, { __type: error.name, message: error.message });
		return { status: 502, headers: { "content-type": "text/html" }, body: "<html><body><h1>502 Bad Gateway</h1></body></html>" };
	}
}

/** The wire has a member for a group's name and one for its ARN; exactly one may be there. */
async function operate(
	operation: string,
	input: Readonly<Record<string, unknown>> & { readonly region: string },
	client: Client,
): Promise<object> {
	const { region, nextToken, logGroupName, logGroupIdentifier, logStreamNamePrefix = "", logGroupNamePrefix = "", limit } = input;
	const { startTime = 0, endTime = Number.MAX_SAFE_INTEGER } = input;
	const common = { region, ...(nextToken === undefined ? {} : { nextToken: text(nextToken) }) };
	const signal = new AbortController().signal;
	if (operation === "DescribeLogGroups")
		return pageOf(await client.describeLogGroups({ ...common, logGroupNamePrefix: text(logGroupNamePrefix) }, signal), {});
	if (operation === "StartQuery" || operation === "GetQueryResults") return operateInsights(operation, input, client);
	if (operation !== "FilterLogEvents") throw serviceError("UnknownOperationException", `The operation ${operation} is not simulated.`);
	if ((logGroupName === undefined) === (logGroupIdentifier === undefined))
		throw serviceError("InvalidParameterException", "Exactly one of logGroupName and logGroupIdentifier is required.");
	const request = {
		...common,
		logGroup: text(logGroupName ?? logGroupIdentifier),
		logStreamNamePrefix: text(logStreamNamePrefix),
		startTime: number(startTime),
		endTime: number(endTime),
		...(limit === undefined ? {} : { limit: number(limit) }),
	};
	// source-semantics 1.1: "searchedLogStreams is always empty".
	return pageOf(await client.filterLogEvents(request, signal), { searchedLogStreams: [] });
}

/** Names of log groups may come in one of three members. */
async function operateInsights(
	operation: "StartQuery" | "GetQueryResults",
	input: Readonly<Record<string, unknown>> & { readonly region: string },
	client: Client,
): Promise<object> {
	const { region, queryId, queryString, startTime, endTime, logGroupName, logGroupNames, logGroupIdentifiers } = input;
	const { signal } = new AbortController();
	if (operation === "GetQueryResults") {
		const page = pageOf(await client.getQueryResults({ region, queryId: text(queryId) }, signal), {});
		return "results" in page ? { queryLanguage: "CWLI", ...page } : page;
	}
	const groups = [logGroupName, logGroupNames, logGroupIdentifiers].filter((groups) => groups !== undefined).flat();
	if (groups.length !== 1) throw serviceError("InvalidParameterException", "Exactly one log group is simulated for a query.");
	const request = { region, logGroup: text(groups[0]), queryString: text(queryString) };
	return pageOf(await client.startQuery({ ...request, startTime: number(startTime), endTime: number(endTime) }, signal), {});
}

function pageOf({ servedAtMs: _, ...page }: Answer, always: object): object {
	return Object.keys(page).length === 0 ? page : { ...page, ...always };
}

function text(value: unknown): string {
	if (typeof value === "string") return value;
	throw serviceError("SerializationException", "STRING_VALUE expected.");
}

function number(value: unknown): number {
	if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
	throw serviceError("SerializationException", "NUMBER_VALUE expected.");
}

/** An answer without members is sent as a body without bytes: the SDK makes the same of both. */
function reply(status: number, body: object): WireReply {
	return {
		status,
		headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "00000000-0000-0000-0000-000000000000" },
		body: Object.keys(body).length === 0 ? "" : JSON.stringify(body),
	};
}
