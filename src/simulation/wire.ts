/** An HTTP server on loopback for simulated services: whole requests in, whole replies out, and faults of the socket between. */

import { createServer as createPlain, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTls } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface WireRequest {
	readonly method: string;
	/** Path and query, as sent. */
	readonly path: string;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

export interface WireReply {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body: string | Uint8Array;
}

/**
 * What happens to a reply on its way: `reset` breaks the connection before the service did anything, `lost` after that,
 * `cut` in the reply's middle; `silence` never answers.
 */
export type SocketFault = "reset" | "lost" | "cut" | "silence" | "bad-gateway";

export interface WireOptions {
	/** What it throws is answered with a plain 500. */
	answer(request: WireRequest): WireReply | Promise<WireReply>;
	/** Asked once for every request. */
	readonly socketFault?: () => SocketFault | undefined;
	/** Asked for every reply; absent: this machine's clock. The Date header is made of it. */
	readonly now?: () => number;
	/** PEM. Absent: plain HTTP. */
	readonly tls?: { readonly key: string; readonly cert: string };
	/** 0, or absent: any free port. */
	readonly port?: number;
	/** Bytes of a request's body; a longer one ends the connection. */
	readonly bodyBytesMax?: number;
}

export interface Wire extends AsyncDisposable {
	/** "http://127.0.0.1:41234" */
	readonly url: string;
	readonly port: number;
	/** Requests so far. */
	requests(): number;
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;
const BAD_GATEWAY: WireReply = {
	status: 502,
	headers: { "content-type": "text/html" },
	body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
};

/** Listens on 127.0.0.1 only. Disposing it closes every connection. */
export async function serveWire(options: WireOptions): Promise<Wire> {
	const sockets = new Set<Socket>();
	let requests = 0;

	async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
		requests++;
		const body = await bodyOf(request, options.bodyBytesMax ?? BODY_BYTES_MAX);
		const fault = options.socketFault?.();
		if (body === undefined || fault === "reset") return void request.socket.destroy();
		if (fault === "silence") return;
		const answer = fault === "bad-gateway" ? BAD_GATEWAY : await answerOf(options, request, body);
		if (fault === "lost") return void request.socket.destroy();
		const bytes = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
		response.sendDate = false;
		const date = new Date(options.now?.() ?? Date.now()).toUTCString();
		response.writeHead(answer.status, { date, "content-length": bytes.length, ...answer.headers });
		if (fault !== "cut") return void response.end(bytes);
		response.write(bytes.subarray(0, bytes.length >> 1), () => request.socket.destroy());
	}

	const listener: RequestListener = (request, response) => void reply(request, response).catch(() => request.socket.destroy());
	const server = options.tls === undefined ? createPlain(listener) : createTls(options.tls, listener);
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(options.port ?? 0, "127.0.0.1", resolve);
	});
	const { port } = server.address() as AddressInfo;
	return {
		url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
		port,
		requests: () => requests,
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function answerOf(options: WireOptions, request: IncomingMessage, body: Buffer): Promise<WireReply> {
	const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
	try {
		return await options.answer({ method: request.method ?? "GET", path: request.url ?? "/", headers, body });
	} catch (error) {
		return { status: 500, headers: { "content-type": "text/plain" }, body: `the simulator failed: ${(error as Error).message}` };
	}
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > bytesMax) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
