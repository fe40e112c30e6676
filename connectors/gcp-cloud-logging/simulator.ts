/** The model behind Cloud Logging's REST protocol on loopback, with the services that give tokens beside it. */

import { isObject, parseOrNone } from "../../src/json/value.ts";
import { type SocketFault, serveWire, type Wire, type WireReply, type WireRequest } from "../../src/simulation/wire.ts";
import type { EntriesPage, ListRequest } from "./client.ts";
import { isRefusal, type Model } from "./model.ts";
import { type Refusal, refusal, refusalBody } from "./model-refusal.ts";
import { createIdentity, type Identity, type IdentityOptions } from "./simulator-identity.ts";

export interface SimulatorOptions extends Partial<IdentityOptions> {
	readonly model: Pick<Model, "answer">;
	/** 0, or absent: any free port. */
	readonly port?: number;
	/** PEM. Absent: plain HTTP. */
	readonly tls?: { readonly key: string; readonly cert: string };
	/** Asked once for every request, those for tokens too. */
	readonly socketFault?: () => SocketFault | undefined;
}

/** `url` is the endpoint; tokens are given at `<url>/token` (OAuth), `<url>/v1/token` (STS) and `<url>/computeMetadata/v1/`. */
export interface Simulator extends Wire {
	readonly identity: Omit<Identity, "answer">;
}

const LIST_PATH = "/v2/entries:list";
const JSON_TYPE = { "content-type": "application/json; charset=UTF-8" };

/** Serves on 127.0.0.1 until it is disposed of. */
export async function serveSimulator({
	model,
	port,
	tls,
	socketFault,
	now = Date.now,
	...identityOptions
}: SimulatorOptions): Promise<Simulator> {
	const identity = createIdentity({ now, ...identityOptions });

	function answer(request: WireRequest): WireReply {
		const token = identity.answer(request);
		if (token !== undefined) return token;
		const [path] = request.path.split("?");
		if (path !== LIST_PATH || request.method !== "POST") return refused(refusal("unknown-resource", "Method not found."));
		const objection = identity.objectionTo(request);
		if (objection !== undefined) return refused(objection);
		const asked = listRequestOf(request.body);
		return asked === undefined ? refused(refusal("invalid", "Invalid JSON payload received.")) : replyOf(model.answer(asked));
	}

	const wire = await serveWire({
		answer,
		now,
		...(port === undefined ? {} : { port }),
		...(tls === undefined ? {} : { tls }),
		...(socketFault === undefined ? {} : { socketFault }),
	});
	return Object.assign(wire, { identity });
}

function replyOf(answer: ReturnType<Model["answer"]>): WireReply {
	// What a server cannot do to itself becomes what a gateway says of it.
	if (answer === "reset") return refused(refusal("unavailable", "The connection to the backend was lost."));
	if (answer === "timeout")
		return refused({ ...refusal("unavailable", "Deadline expired."), status: 504, rpc: "DEADLINE_EXCEEDED", code: 4 });
	if (answer === "garbled") return { status: 200, headers: JSON_TYPE, body: "" };
	return isRefusal(answer) ? refused(answer) : { status: 200, headers: JSON_TYPE, body: pageBody(answer) };
}

function refused(said: Refusal): WireReply {
	const headers = said.retryAfterS === undefined ? JSON_TYPE : { ...JSON_TYPE, "retry-after": String(said.retryAfterS) };
	return { status: said.status, headers, body: refusalBody(said) };
}

/** A page without entries has no such member (google.protobuf's JSON leaves out what is empty). */
export function pageBody({ entries, nextPageToken }: EntriesPage): Uint8Array {
	const pieces: Uint8Array[] = [];
	for (const { body } of entries) pieces.push(Buffer.from(pieces.length === 0 ? '"entries":[' : ","), body);
	if (pieces.length > 0) pieces.push(Buffer.from("]"));
	const token = nextPageToken === undefined ? "" : `"nextPageToken":${JSON.stringify(nextPageToken)}`;
	return Buffer.concat([Buffer.from("{"), ...pieces, Buffer.from(pieces.length > 0 && token !== "" ? `,${token}}` : `${token}}`)]);
}

/** Undefined if the service would not take it for one. */
function listRequestOf(body: Uint8Array): ListRequest | undefined {
	const value = parseOrNone(body);
	if (!isObject(value)) return undefined;
	const { resourceNames = [], filter = "", orderBy = "", pageSize = 0, pageToken = "" } = value;
	const isGood =
		isTexts(resourceNames) &&
		typeof filter === "string" &&
		typeof orderBy === "string" &&
		Number.isInteger(pageSize) &&
		typeof pageToken === "string";
	if (!isGood) return undefined;
	return { resourceNames, filter, orderBy, pageSize: pageSize as number, ...(pageToken === "" ? {} : { pageToken }) };
}

function isTexts(value: unknown): value is readonly string[] {
	return Array.isArray(value) && value.every((text) => typeof text === "string");
}
