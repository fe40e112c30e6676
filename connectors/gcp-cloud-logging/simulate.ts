/** Opens the simulated Cloud Logging for `kube-audit simulate`: one project, read with the key of a service account made for it. */

import { generateKeyPair } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { faultsOf, type OpenSimulation } from "../../src/simulation/simulation.ts";
import { createModel } from "./model.ts";
import { serveSimulator } from "./simulator.ts";

const PROJECT = "example";
const DAY_MS = 86_400_000;

export const openSimulation: OpenSimulation = async (options) => {
	const { clock, port, folder } = options;
	const { faults, socketFault } = faultsOf(options);
	const model = createModel({ clock, random: () => options.random(), faults, retentionMs: DAY_MS });
	const simulator = await serveSimulator({ model, port, socketFault, now: () => clock.now() });
	return {
		url: simulator.url,
		settings: [
			"connector: gcp-cloud-logging",
			`projects: [${PROJECT}]`,
			`endpoint: ${simulator.url}`,
			`credentials: { keyFile: ${JSON.stringify(await writeKey(folder))} }`,
		].join("\n"),
		env: {},
		plant: (event) => void model.plant(event, `projects/${PROJECT}`),
		close: async () => simulator[Symbol.asyncDispose](),
	};
};

/** A service account signs its tokens itself: with a key, Google is not asked for anything. */
async function writeKey(folder: string): Promise<string> {
	const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
	const path = join(folder, "service-account.json");
	const key = {
		type: "service_account",
		client_email: `reader@${PROJECT}.iam.gserviceaccount.com`,
		private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
		private_key_id: "simulated",
	};
	await writeFile(path, JSON.stringify(key), { mode: 0o600 });
	return path;
}
