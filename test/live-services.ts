/** Simulators on loopback for live collection, one a connector, with the settings and the environment that find them. */

import { SIMULATED_KEY } from "../connectors/aws-cloudwatch/credential-desk.ts";
import { createModel } from "../connectors/aws-cloudwatch/model.ts";
import { serveSimulator } from "../connectors/aws-cloudwatch/simulator.ts";
import { createModel as createAzureModel, MODEL_WORKSPACE } from "../connectors/azure-diagnostics/model.ts";
import { serveSimulator as serveAzure } from "../connectors/azure-diagnostics/simulator.ts";
import { createModel as createGoogleModel } from "../connectors/gcp-cloud-logging/model.ts";
import { serveSimulator as serveGoogle } from "../connectors/gcp-cloud-logging/simulator.ts";
import { systemClock } from "../src/run/system-clock.ts";
import { eventText, type PlantedEvent } from "../src/simulation/planted-event.ts";
import type { SocketFault } from "../src/simulation/wire.ts";

export interface LiveService {
	readonly name: string;
	/** One entry of `sources`. */
	readonly yaml: string;
	readonly env: Readonly<Record<string, string>>;
	plant(serial: string, random: () => number): void;
	requests(): number;
	close(): Promise<void>;
}

/** Visible after up to that time. */
const DELAY_MS = 5_000;
const CALLS_PER_MINUTE = 3_000;

function eventNow(serial: string, random: () => number): PlantedEvent {
	const nowMs = Date.now();
	const takenInMs = nowMs + Math.floor(random() * 300);
	const visibleAtMs = takenInMs + Math.floor(random() * DELAY_MS);
	return {
		serial,
		text: eventText(serial, nowMs, random() < 0.05 ? 4_000 : 0),
		timeMs: nowMs,
		takenInMs,
		visibleAtMs,
		server: Math.floor(random() * 3),
	};
}

type Open = (socketFault: () => SocketFault | undefined, folder: string) => Promise<LiveService>;

const OPENERS: Readonly<Record<string, Open>> = {
	async "aws-cloudwatch"(socketFault) {
		const model = createModel({ clock: systemClock, random: Math.random, faults: () => undefined });
		const simulator = await serveSimulator({ model, socketFault });
		return {
			name: "aws-cloudwatch",
			yaml: `  - { id: eks, connector: aws-cloudwatch, regions: [eu-central-1], clusters: [prod], endpoint: "${simulator.url}", stsEndpoint: "${simulator.url}", since: 1h }\n`,
			env: { AWS_ACCESS_KEY_ID: SIMULATED_KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: SIMULATED_KEY.secretAccessKey },
			plant: (serial, random) => void model.plant(eventNow(serial, random)),
			requests: simulator.requests,
			close: async () => simulator[Symbol.asyncDispose](),
		};
	},
	async "gcp-cloud-logging"(socketFault) {
		const model = createGoogleModel({ clock: systemClock, random: Math.random, callsPerMinute: CALLS_PER_MINUTE });
		const simulator = await serveGoogle({ model, socketFault });
		return {
			name: "gcp-cloud-logging",
			// The service's own quota carries some 45 events a second; the collector is to be measured beyond that.
			yaml: `  - { id: gke, connector: gcp-cloud-logging, projects: [example], endpoint: "${simulator.url}", since: 1h, quota: { perMinute: ${CALLS_PER_MINUTE} } }\n`,
			env: { GCE_METADATA_HOST: `127.0.0.1:${simulator.port}`, METADATA_SERVER_DETECTION: "assume-present" },
			plant: (serial, random) => void model.plant(eventNow(serial, random)),
			requests: simulator.requests,
			close: async () => simulator[Symbol.asyncDispose](),
		};
	},
	async "azure-diagnostics"(socketFault) {
		const model = createAzureModel({ clock: systemClock, random: Math.random, faults: () => undefined });
		const simulator = await serveAzure({ model, socketFault });
		return {
			name: "azure-diagnostics",
			yaml: `  - { id: aks, connector: azure-diagnostics, workspaces: ["${MODEL_WORKSPACE}"], endpoint: "${simulator.endpoint}", identity: { kind: managed }, since: 1h }\n`,
			env: { IDENTITY_ENDPOINT: simulator.identityEndpoint, IDENTITY_HEADER: "simulated" },
			plant: (serial, random) => void model.plant(eventNow(serial, random)),
			requests: simulator.requests,
			close: async () => simulator[Symbol.asyncDispose](),
		};
	},
};

export async function openLiveServices(
	names: readonly string[],
	socketFault: () => SocketFault | undefined,
	folder: string,
): Promise<readonly LiveService[]> {
	return Promise.all(
		names.map((name) => {
			const open = OPENERS[name];
			if (open === undefined) throw new Error(`no simulator of "${name}": there are ${Object.keys(OPENERS).join(", ")}`);
			return open(socketFault, folder);
		}),
	);
}
