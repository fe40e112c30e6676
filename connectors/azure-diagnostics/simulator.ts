/** Serves the model of Log Analytics over HTTP on loopback, with the token services that identities ask. */

import { randomUUID } from "node:crypto";
import { asRecord, parseOrNone } from "../../src/json/value.ts";
import { type SocketFault, serveWire, type Wire, type WireOptions, type WireReply, type WireRequest } from "../../src/simulation/wire.ts";
import type { Model } from "./model.ts";
import { okReply, REFUSALS, type Reply } from "./model-reply.ts";

export interface SimulatorOptions {
	readonly model: Model;
	/** 0, or absent: any free port. */
	readonly port?: number;
	/** PEM. Entra is only asked over TLS. */
	readonly tls?: NonNullable<WireOptions["tls"]>;
	readonly socketFault?: () => SocketFault | undefined;
	/** The secret that a service principal must have; absent: any. */
	readonly clientSecret?: string;
	/** A token that is good without having been asked for here; absent: none. */
	readonly token?: string;
}

export interface Simulator extends Wire {
	/** Of the query API, with its version. */
	readonly endpoint: string;
	/** What IDENTITY_ENDPOINT is to be; IDENTITY_HEADER is to be anything. */
	readonly identityEndpoint: string;
	/** Tokens handed out so far. */
	tokens(): number;
	/** What they were asked for. */
	readonly audiences: ReadonlySet<string>;
}

const LIFETIME_S = 3_600;
const PATH = /^\/v1\/workspaces\/([^/]+)\/(query|search)$/;

export async function serveSimulator(options: SimulatorOptions): Promise<Simulator> {
	const { model } = options;
	const good = new Set(options.token === undefined ? [] : [options.token]);
	const audiences = new Set<string>();
	let issued = 0;

	function issue(audience: string | null): string {
		const token = `simulated-${++issued}-${randomUUID()}`;
		good.add(token);
		audiences.add(audience ?? "");
		return token;
	}

	function answer(request: WireRequest): WireReply {
		const url = new URL(request.path, "http://simulator");
		const [, workspaceId = "", operation] = PATH.exec(url.pathname) ?? [];
		if (operation !== undefined) return answerQuery(request, url, decodeURIComponent(workspaceId), operation as "query" | "search");
		if (url.pathname === "/identity/token") return managedToken(request, url, issue);
		if (url.pathname.endsWith("/oauth2/v2.0/token")) return entraToken(request, options.clientSecret, issue);
		if (url.pathname.endsWith("/.well-known/openid-configuration")) return openIdConfiguration(request, url);
		return REFUSALS.noWorkspace();
	}

	function answerQuery(request: WireRequest, { searchParams }: URL, workspaceId: string, operation: "query" | "search"): WireReply {
		const token = /^Bearer (.+)$/.exec(request.headers["authorization"] ?? "")?.[1];
		if (token === undefined) return REFUSALS.noToken();
		if (!good.has(token)) return REFUSALS.badToken();
		// source-semantics 3.2: "POST without JSON content type answers 200 with an empty body".
		if (!request.headers["content-type"]?.startsWith("application/json")) return okReply("");
		const { query, timespan: ofBody } = asRecord(parseOrNone(request.body));
		// A search has its time range in its address.
		const timespan = operation === "search" ? searchParams.get("timespan") : ofBody;
		const [fromMs = Number.NaN, toMs = Number.NaN] = String(timespan).split("/").map(Date.parse);
		const reply = model.reply({ workspaceId, operation, query: String(query), timespan: { fromMs, toMs } });
		if (typeof reply === "string") return REFUSALS.unavailable();
		// An expired token stays expired.
		if (reply.status === 401) good.delete(token);
		return reply;
	}

	const wire = await serveWire({ ...options, answer, now: () => model.now() });
	return {
		url: wire.url,
		port: wire.port,
		requests: wire.requests,
		[Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
		endpoint: `${wire.url}/v1`,
		identityEndpoint: `${wire.url}/identity/token`,
		tokens: () => issued,
		audiences,
	};
}

type Issue = (audience: string | null) => string;

/** learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference". */
function managedToken({ headers }: WireRequest, { searchParams }: URL, issue: Issue): WireReply {
	if (headers["x-identity-header"] === undefined) return okStatus(400, { error: "invalid_request" });
	const resource = searchParams.get("resource");
	const expires_on = String(Math.floor(Date.now() / 1000) + LIFETIME_S);
	return okStatus(200, { access_token: issue(resource), expires_on, resource, token_type: "Bearer" });
}

/** learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow. */
function entraToken({ body }: WireRequest, clientSecret: string | undefined, issue: Issue): WireReply {
	const form = new URLSearchParams(body.toString());
	const isKnown = clientSecret === undefined || form.get("client_secret") === clientSecret || form.has("client_assertion");
	if (!isKnown) {
		const error_description = "AADSTS7000215: Invalid client secret provided.";
		return okStatus(401, { error: "invalid_client", error_description, error_codes: [7_000_215] });
	}
	return okStatus(200, {
		token_type: "Bearer",
		expires_in: LIFETIME_S,
		ext_expires_in: LIFETIME_S,
		access_token: issue(form.get("scope")),
	});
}

function openIdConfiguration({ headers }: WireRequest, { pathname }: URL): WireReply {
	const base = `https://${headers["host"]}${pathname.replace(/\/v2\.0\/\.well-known.*$/, "")}`;
	return okStatus(200, {
		issuer: `${base}/v2.0`,
		authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
		token_endpoint: `${base}/oauth2/v2.0/token`,
		jwks_uri: `${base}/discovery/v2.0/keys`,
	});
}

function okStatus(status: number, body: object): Reply {
	return { ...okReply(JSON.stringify(body)), status };
}
