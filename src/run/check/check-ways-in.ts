/** Opens connectors for those who only look: each once, with the network that the environment tells of. */

import type { Clock, Connector, Pulls } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Since } from "../config/config-shape.ts";
import type { Environment } from "../config/references.ts";

export interface WaysIn extends AsyncDisposable {
	of(connector: Connector): Pulls<never>;
}

/** How long connections may take to close, in milliseconds. */
const CLOSE_MS_MAX = 2_000;

export function openWaysIn(env: Environment, clock: Clock, log: (line: string) => void): WaysIn {
	const opened = new Map<Connector, Pulls<never>>();
	const proxy = env["HTTPS_PROXY"] ?? env["https_proxy"] ?? env["HTTP_PROXY"] ?? env["http_proxy"];
	const noProxy = env["NO_PROXY"] ?? env["no_proxy"];
	const surroundings = { clock, log, ...(proxy ? { proxy } : {}), ...(noProxy ? { noProxy } : {}) };
	return {
		of(connector) {
			if (connector.pull === undefined) throw new CollectorError("CONFIG_INVALID", `${connector.name} cannot be collected from live`);
			const pulls = opened.get(connector) ?? connector.pull.open(surroundings);
			opened.set(connector, pulls);
			return pulls;
		},
		async [Symbol.asyncDispose]() {
			const closed = new AbortController();
			const closing = Promise.all([...opened.values()].map(async (pulls) => pulls.close?.())).finally(() => closed.abort());
			// Whoever hangs has been told of already.
			await Promise.race([closing.catch(() => {}), clock.wait(CLOSE_MS_MAX, closed.signal).catch(() => {})]);
		},
	};
}

/** Where a source begins that has no checkpoint, epoch milliseconds. */
export function startOf(since: Since, nowMs: number): number {
	return since.kind === "at" ? since.ms : since.kind === "ago" ? nowMs - since.ms : nowMs;
}
