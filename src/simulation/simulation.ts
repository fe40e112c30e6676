/** A simulated service that somebody else's process can be pointed at: what a connector opens for `kube-audit simulate`. */

import type { Clock } from "../contract/connector.ts";
import { type Faults, seededFaults } from "./faults.ts";
import type { PlantedEvent } from "./planted-event.ts";
import type { SocketFault } from "./wire.ts";

export interface SimulationOptions {
	readonly clock: Clock;
	/** In [0, 1). */
	random(): number;
	/** 0: any free port. */
	readonly port: number;
	/** How likely a request meets a fault, of the service or of the network. */
	readonly faultRate: number;
	/** For files that clients need to find the service; gone when the simulation is. */
	readonly folder: string;
}

export interface Simulation {
	/** "http://127.0.0.1:4600" */
	readonly url: string;
	/** One entry of `sources`, without `id` and `since`: YAML, a member a line. */
	readonly settings: string;
	/** What must stand in the environment of a collector. */
	readonly env: Readonly<Record<string, string>>;
	/** Stores an event: it shows from its `visibleAtMs` on. */
	plant(event: PlantedEvent): void;
	/** Closes every connection. */
	close(): Promise<void>;
}

/** What `connectors/<name>/simulate.ts` exports as `openSimulation`. Rejects with the error of the socket if the port is taken. */
export type OpenSimulation = (options: SimulationOptions) => Promise<Simulation>;

const SOCKET_FAULTS: readonly SocketFault[] = ["reset", "lost", "cut", "bad-gateway"];
/** Half of all faults are the network's; those of the service are of four kinds. */
const SHARE = 1 / 8;

/** Faults of both kinds, none of which a collector should lose or wait long for. */
export function faultsOf({ random, faultRate }: Pick<SimulationOptions, "random" | "faultRate">): {
	readonly faults: Faults;
	readonly socketFault: () => SocketFault | undefined;
} {
	const rate = faultRate * SHARE;
	return {
		faults: seededFaults(random, { throttle: rate, unavailable: rate, garbled: rate, "bad-token": rate }),
		socketFault: () => (random() < faultRate / 2 ? SOCKET_FAULTS[Math.floor(random() * SOCKET_FAULTS.length)] : undefined),
	};
}
