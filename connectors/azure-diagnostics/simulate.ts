/** Opens the simulated Log Analytics for `kube-audit simulate`: one workspace with two tables, read by a managed identity. */

import { faultsOf, type OpenSimulation } from "../../src/simulation/simulation.ts";
import { createModel, MODEL_WORKSPACE } from "./model.ts";
import { serveSimulator } from "./simulator.ts";

const DAY_MS = 86_400_000;

export const openSimulation: OpenSimulation = async (options) => {
	const { faults, socketFault } = faultsOf(options);
	const model = createModel({ clock: options.clock, random: () => options.random(), faults, retentionMs: DAY_MS });
	const simulator = await serveSimulator({ model, port: options.port, socketFault });
	return {
		url: simulator.url,
		settings: [
			"connector: azure-diagnostics",
			`workspaces: [${MODEL_WORKSPACE}]`,
			`endpoint: ${simulator.endpoint}`,
			"identity: { kind: managed }",
		].join("\n"),
		env: { IDENTITY_ENDPOINT: simulator.identityEndpoint, IDENTITY_HEADER: "simulated" },
		plant: (event) => model.plant(event),
		close: async () => simulator[Symbol.asyncDispose](),
	};
};
