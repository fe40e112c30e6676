/** The small HTTP server through which the process is seen: /metrics, /healthz and /readyz, and nothing else. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CollectorError } from "../../contract/errors.ts";
import type { Health } from "./health.ts";

export interface OutsideServerOptions {
	readonly listen: { readonly host: string; readonly port: number };
	readonly metrics: { text(): Promise<string>; readonly contentType: string };
	health(): Health;
	readonly limits?: Partial<OutsideLimits>;
}

/** Whoever reaches the port may try to hold the process up. */
interface OutsideLimits {
	/** From the connection's begin to the end of the headers. */
	readonly headersTimeoutMs: number;
	/** The same, to the end of the whole request; and how long an answer that nobody reads is kept. */
	readonly requestTimeoutMs: number;
	readonly headerBytesMax: number;
	readonly connectionsMax: number;
}

export interface OutsideServer extends AsyncDisposable {
	/** Where it listens: with port 0 the port is chosen by the system. */
	readonly address: { readonly host: string; readonly port: number };
}

const LIMITS: OutsideLimits = { headersTimeoutMs: 5_000, requestTimeoutMs: 10_000, headerBytesMax: 8 * 1024, connectionsMax: 100 };
const KEEP_ALIVE_MS = 5_000;
/** How often the platform looks for connections that are too slow. */
const CHECKS_A_TIMEOUT = 2;

/** Throws CONFIG_INVALID if it cannot listen there. Disposing of it ends all connections at once. */
export async function startOutsideServer({ listen, limits: chosen, ...shown }: OutsideServerOptions): Promise<OutsideServer> {
	const limits = { ...LIMITS, ...chosen };
	const server = createServer(
		{
			maxHeaderSize: limits.headerBytesMax,
			headersTimeout: limits.headersTimeoutMs,
			requestTimeout: limits.requestTimeoutMs,
			keepAliveTimeout: KEEP_ALIVE_MS,
			connectionsCheckingInterval: limits.headersTimeoutMs / CHECKS_A_TIMEOUT,
		},
		(request, response) => void answer(request, response, shown),
	);
	server.maxConnections = limits.connectionsMax;
	server.setTimeout(limits.requestTimeoutMs, (socket: Socket) => socket.destroy());
	server.on("clientError", refuse);
	// Nothing here is spoken but plain requests.
	server.on("connect", (_, socket) => socket.destroy());
	await listening(server, listen);
	return {
		address: { host: listen.host, port: (server.address() as AddressInfo).port },
		async [Symbol.asyncDispose]() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}

/** Bytes that are no request. */
function refuse(_: Error, socket: Parameters<Parameters<Server["on"]>[1]>[1]): void {
	if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	else socket.destroy();
}

async function listening(server: Server, { host, port }: OutsideServerOptions["listen"]): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(`${host}:${port}`, error)));
		server.listen({ host, port }, resolve);
	});
	// What a single connection does wrong ends that connection; of the server itself nothing is left to go wrong but accepting.
	server.on("error", () => {});
}

const REASONS: Readonly<Record<string, string>> = {
	EADDRINUSE: "the port is in use by another program; choose another one",
	EACCES: "the port may not be used by this user; choose one above 1023",
	EADDRNOTAVAIL: "this machine does not have that address",
	ENOTFOUND: "there is no such host",
};

function cannotListen(where: string, error: NodeJS.ErrnoException): CollectorError {
	const reason = REASONS[error.code ?? ""] ?? error.code ?? "it failed";
	return new CollectorError("CONFIG_INVALID", `cannot listen on ${where} for /metrics and /healthz: ${reason} (setting "listen")`, {
		cause: error,
	});
}

type ShownOutside = Pick<OutsideServerOptions, "metrics" | "health">;

async function answer(request: IncomingMessage, response: ServerResponse, shown: ShownOutside): Promise<void> {
	response.on("error", () => {});
	const hasBody = request.headers["transfer-encoding"] !== undefined || (request.headers["content-length"] ?? "0") !== "0";
	// Nobody reads a body here: the connection on which one comes is of no further use.
	if (hasBody) response.setHeader("connection", "close");
	try {
		const reply = hasBody ? emptyReply(400) : await replyTo(request, shown);
		response.writeHead(reply.status, { "content-type": reply.type, "content-length": reply.body.length, ...HEADERS });
		response.end(reply.body);
	} catch {
		// What went wrong is nobody's business out there; that something did, the status tells.
		if (!response.headersSent) response.writeHead(500, { "content-length": 0 });
		response.end();
	}
}

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

interface Reply {
	readonly status: number;
	readonly type: string;
	readonly body: Buffer;
}

const emptyReply = (status: number): Reply => ({ status, type: "text/plain", body: Buffer.alloc(0) });

async function replyTo({ method, url = "" }: IncomingMessage, { metrics, health }: ShownOutside): Promise<Reply> {
	const path = url.split("?", 1)[0];
	if (method !== "GET") return emptyReply(404);
	if (path === "/metrics") return { status: 200, type: metrics.contentType, body: Buffer.from(await metrics.text()) };
	if (path === "/healthz") return verdict("alive", health());
	if (path === "/readyz") return verdict("ready", health());
	return emptyReply(404);
}

function verdict(asked: "alive" | "ready", health: Health): Reply {
	const body = Buffer.from(`${JSON.stringify(health, undefined, "\t")}\n`);
	return { status: health[asked] ? 200 : 503, type: "application/json", body };
}
