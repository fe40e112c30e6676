/** Opens the simulated CloudWatch Logs for `kube-audit simulate`: one log group of one cluster, read with keys that anybody has. */

import { faultsOf, type OpenSimulation } from "../../src/simulation/simulation.ts";
import { SIMULATED_KEY } from "./credential-desk.ts";
import { createModel } from "./model.ts";
import { serveSimulator } from "./simulator.ts";

const GROUP = { name: "/aws/eks/simulated/cluster", region: "eu-central-1", account: "123456789012", retentionInDays: 1 };

export const openSimulation: OpenSimulation = async (options) => {
	const { faults, socketFault } = faultsOf(options);
	const model = createModel({ clock: options.clock, random: () => options.random(), faults, groups: [GROUP] });
	const simulator = await serveSimulator({ model, port: options.port, socketFault });
	return {
		url: simulator.url,
		settings: [
			"connector: aws-cloudwatch",
			`regions: [${GROUP.region}]`,
			"clusters: [simulated]",
			`endpoint: ${simulator.url}`,
			`stsEndpoint: ${simulator.url}`,
		].join("\n"),
		// A profile, or a session of somebody's real keys, would come before these or go along with them.
		env: {
			AWS_ACCESS_KEY_ID: SIMULATED_KEY.accessKeyId,
			AWS_SECRET_ACCESS_KEY: SIMULATED_KEY.secretAccessKey,
			AWS_SESSION_TOKEN: "",
			AWS_PROFILE: "",
		},
		plant: (event) => void model.plant(event),
		close: async () => simulator[Symbol.asyncDispose](),
	};
};
