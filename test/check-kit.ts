/** Runs `check` and dry runs inside a test: simulators with faults, a settings file, and what the command line printed. */

import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SIMULATED_KEY } from "../connectors/aws-cloudwatch/credential-desk.ts";
import { createModel, type Model, type ModelOptions } from "../connectors/aws-cloudwatch/model.ts";
import { type Simulator, type SimulatorSettings, serveSimulator } from "../connectors/aws-cloudwatch/simulator.ts";
import {
	type ModelOptions as AzureOptions,
	createModel as createAzureModel,
	MODEL_WORKSPACE,
} from "../connectors/azure-diagnostics/model.ts";
import { serveSimulator as serveAzure } from "../connectors/azure-diagnostics/simulator.ts";
import { createModel as createGcpModel, type ModelOptions as GcpOptions } from "../connectors/gcp-cloud-logging/model.ts";
import { serveSimulator as serveGcp } from "../connectors/gcp-cloud-logging/simulator.ts";
import { createCredentials } from "../connectors/gcp-cloud-logging/test-service.ts";
import { runCli } from "../src/run/cli.ts";
import { systemClock } from "../src/run/system-clock.ts";
import type { Faults } from "../src/simulation/faults.ts";
import { eventText, type PlantedEvent } from "../src/simulation/planted-event.ts";
import { randomOf } from "../src/simulation/random.ts";
import type { Ended } from "./program.ts";

/** A service to look at, as one entry of `sources`. */
export interface Service extends AsyncDisposable {
	readonly yaml: string;
	plant(event: PlantedEvent): void;
	requests(): number;
}

const SURROUNDINGS = { clock: systemClock, random: randomOf(7) };

/** The key of the simulated cloud, and no look at a metadata server that is not there. */
export const AWS_ENV = {
	AWS_ACCESS_KEY_ID: SIMULATED_KEY.accessKeyId,
	AWS_SECRET_ACCESS_KEY: SIMULATED_KEY.secretAccessKey,
	AWS_EC2_METADATA_DISABLED: "true",
};

export interface AwsService extends Service {
	readonly model: Model;
	readonly simulator: Simulator;
}

export async function awsService(
	options: Partial<ModelOptions & { faults: Faults }> & { readonly desk?: Partial<SimulatorSettings> } = {},
	keys = "clusters: [prod]",
	id = "eks",
): Promise<AwsService> {
	const { desk, ...changes } = options;
	const model = createModel({ ...SURROUNDINGS, faults: () => undefined, ...changes });
	const simulator = await serveSimulator({ model, ...desk });
	const at = `endpoint: "${simulator.url}", stsEndpoint: "${simulator.url}"`;
	return {
		model,
		simulator,
		yaml: `  - { id: ${id}, connector: aws-cloudwatch, regions: [eu-central-1], ${keys}, ${at}, since: 1h, quota: { perSecond: 1000 } }\n`,
		plant: (event) => void model.plant(event),
		requests: simulator.requests,
		[Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
	};
}

export async function azureService(options: Partial<AzureOptions> = {}): Promise<Service & { readonly env: Record<string, string> }> {
	const model = createAzureModel({ ...SURROUNDINGS, faults: () => undefined, ...options });
	const simulator = await serveAzure({ model });
	return {
		yaml: `  - { id: aks, connector: azure-diagnostics, workspaces: ["${MODEL_WORKSPACE}"], endpoint: "${simulator.endpoint}", identity: { kind: managed, clientId: "${randomUUID()}" }, since: 1h, quota: { per30Seconds: 100000 } }\n`,
		env: { IDENTITY_ENDPOINT: simulator.identityEndpoint, IDENTITY_HEADER: "simulated" },
		plant: (event) => model.plant(event),
		requests: simulator.requests,
		[Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
	};
}

export async function gcpService(options: Partial<GcpOptions> = {}): Promise<Service> {
	const model = createGcpModel({ ...SURROUNDINGS, ...options });
	const simulator = await serveGcp({ model });
	const credentials = await createCredentials();
	const keyFile = await credentials.federated(simulator.url);
	return {
		yaml: `  - { id: gke, connector: gcp-cloud-logging, projects: [example], endpoint: "${simulator.url}", credentials: { keyFile: "${keyFile}" }, since: 1h, quota: { perMinute: 60000 } }\n`,
		plant: (event) => void model.plant(event),
		requests: simulator.requests,
		async [Symbol.asyncDispose]() {
			await credentials[Symbol.asyncDispose]();
			await simulator[Symbol.asyncDispose]();
		},
	};
}

const SECOND_MS = 1_000;

/** One a second, the newest of them `agoMs` ago; each is taken in two seconds after its time. */
export function plantMany({ plant }: Service, count: number, agoMs = 3 * SECOND_MS): void {
	const newestMs = Date.now() - agoMs;
	for (let i = 0; i < count; i++) {
		const timeMs = newestMs - (count - 1 - i) * SECOND_MS;
		const takenInMs = timeMs + 2 * SECOND_MS;
		plant({ serial: `serial-${i}`, text: eventText(`serial-${i}`, timeMs), timeMs, takenInMs, visibleAtMs: takenInMs, server: 0 });
	}
}

/** A settings file in the folder, of these sources; `rest` are further keys, after a sink and checkpoints if it has none. */
export function settingsFile(folder: string, services: readonly Pick<Service, "yaml">[], rest = ""): string {
	const path = join(folder, "kube-audit.yaml");
	const sinks = rest.includes("sinks:") ? "" : `sinks: ["file:events.ndjson"]\n`;
	const checkpoints = rest.includes("checkpoints:") ? "" : "checkpoints: file:state.db\n";
	writeFileSync(path, `sources:\n${services.map(({ yaml }) => yaml).join("")}${sinks}${checkpoints}listen: false\n${rest}`);
	return path;
}

/** The command line without a process of its own, in that environment. */
export async function runHere(args: readonly string[], env: Readonly<Record<string, string>> = AWS_ENV): Promise<Ended> {
	let [stdout, stderr] = ["", ""];
	const before = { ...process.env };
	Object.assign(process.env, env);
	try {
		const code = await runCli(args, {
			stdin: (async function* () {})(),
			out: (text) => {
				stdout += text;
			},
			err: (text) => {
				stderr += text;
			},
			isTerminal: false,
			command: "kube-audit",
			signal: new AbortController().signal,
			onHangup() {},
		});
		return { code, stdout, stderr };
	} finally {
		for (const name of Object.keys(env)) if (before[name] === undefined) delete process.env[name];
		Object.assign(process.env, before);
	}
}
