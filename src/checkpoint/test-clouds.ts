/** A simulated object store of each cloud behind its real client, for the tests of what is built on them. */

import { Agent } from "node:https";
import type { TestContext } from "node:test";
import { OAuth2Client } from "google-auth-library";
import { generate } from "selfsigned";
import type { CheckpointStore } from "../contract/checkpoint.ts";
import { type CheckpointOptions, openCheckpoints } from "./stores.ts";

/** Where each keeps its checkpoints: one bucket, one prefix. */
const SPECS = {
	s3: "s3://audit-bucket/kube audit/prod",
	gs: "gs://audit-bucket/kube audit/prod",
	azblob: "azblob://account/audit-bucket/kube audit/prod",
};

export type CloudName = keyof typeof SPECS;
export const CLOUDS = Object.keys(SPECS) as readonly CloudName[];

export interface SimulatedCloud<S> {
	readonly simulated: S;
	/** For all three kinds; the one that is simulated is reached. */
	readonly options: CheckpointOptions;
	open(options?: { readonly startAnew?: boolean; readonly timeoutMs?: number }): Promise<CheckpointStore>;
}

/** Starts a simulator. */
type Serve<S> = (options: { readonly dialect: CloudName; readonly bucket: string; readonly tls: Tls }) => Promise<S>;

interface Tls {
	readonly key: string;
	readonly cert: string;
}

/** Nobody else trusts it: a client that reaches the simulator went through the agent that it was given. */
async function certificate(): Promise<Tls> {
	const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
		keySize: 2048,
		extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
	});
	return { key, cert };
}

/** What it gives makes a simulated cloud that is gone after the test, with every store opened on it. */
export async function createClouds<S extends AsyncDisposable & { readonly url: string }>(
	serve: Serve<S>,
): Promise<(context: TestContext, name: CloudName) => Promise<SimulatedCloud<S>>> {
	const tls = await certificate();
	return async (context, name) => {
		const simulated = await serve({ dialect: name, bucket: "audit-bucket", tls });
		const httpsAgent = new Agent({ ca: tls.cert, keepAlive: true });
		const stores: AsyncDisposable[] = [];
		context.after(async () => {
			for (const store of stores) await store[Symbol.asyncDispose]();
			httpsAgent.destroy();
			await simulated[Symbol.asyncDispose]();
		});
		const common = { endpoint: simulated.url, httpsAgent };
		return {
			simulated,
			options: optionsOf({ ...common, timeoutMs: 10_000 }),
			async open({ startAnew = false, timeoutMs = 10_000 } = {}) {
				const store = await openCheckpoints(SPECS[name], { startAnew, ...optionsOf({ ...common, timeoutMs }) });
				stores.push(store);
				return store;
			},
		};
	};
}

/** Static credentials of each kind; no chain is asked. */
function optionsOf(common: { readonly endpoint: string; readonly httpsAgent: Agent; readonly timeoutMs: number }): CheckpointOptions {
	const expiresMs = Date.now() + 3_600_000;
	const authClient = new OAuth2Client();
	authClient.setCredentials({ access_token: "planted-token", expiry_date: expiresMs });
	return {
		s3: { ...common, region: "eu-central-1", credentials: { accessKeyId: "AKIAPLANTED", secretAccessKey: "planted-secret-key" } },
		gs: { ...common, authClient },
		azblob: { ...common, credential: { getToken: async () => ({ token: "planted-token", expiresOnTimestamp: expiresMs }) } },
	};
}
