/** For tests: an HTTP proxy on loopback that keeps what it was asked for, and certificates that nobody knows. */

import { request as ask, createServer } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";

/** `asked` holds "CONNECT host:port", or the address of a plain request. */
export async function serveProxy() {
	const asked: string[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((incoming, outgoing) => {
		asked.push(String(incoming.url));
		const { hostname, port, pathname, search } = new URL(String(incoming.url));
		const onward = ask({ host: hostname, port, path: pathname + search, method: incoming.method, headers: incoming.headers }, (reply) => {
			outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
			reply.pipe(outgoing);
		});
		incoming.pipe(onward);
	});
	server.on("connect", (incoming, socket: Socket, head: Buffer) => {
		asked.push(`CONNECT ${incoming.url}`);
		const [host, port] = String(incoming.url).split(":");
		const onward = connectTo(Number(port), host, () => {
			socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		for (const end of [onward, socket]) end.on("error", () => {});
		sockets.add(onward);
	});
	server.on("connection", (socket: Socket) => sockets.add(socket));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		asked,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** A key and a certificate of 127.0.0.1, signed by itself. */
export async function selfSigned() {
	const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
		keySize: 2048,
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
		],
	});
	return { key, cert };
}

/** While it lasts, Node knows the certificate, as if NODE_EXTRA_CA_CERTS had it. */
export function trust(cert: string): Disposable {
	const before = getCACertificates("default");
	setDefaultCACertificates([...before, cert]);
	return { [Symbol.dispose]: () => setDefaultCACertificates(before) };
}
