/** A container's health check: asks the collector beside it whether it is alive, and ends with 0 or 1; needs no shell. */

import { get } from "node:http";

const DEFAULT_ADDRESS = "http://127.0.0.1:9464/healthz";
const TIMEOUT_MS = 4_000;

/** Whether something answers there with a success. Never rejects. */
export function isHealthy(address: string, timeoutMs = TIMEOUT_MS): Promise<boolean> {
	return new Promise((resolve) => {
		try {
			const request = get(address, { timeout: timeoutMs, agent: false }, ({ statusCode }) => {
				resolve(statusCode === 200);
				request.destroy();
			});
			request.on("error", () => resolve(false));
			request.on("timeout", () => request.destroy(new Error("no answer in time")));
		} catch {
			resolve(false);
		}
	});
}

if (import.meta.main) process.exitCode = (await isHealthy(process.argv[2] ?? DEFAULT_ADDRESS)) ? 0 : 1;
