/** What the conformance kit examines: a connector that pulls, and a model of its service to pull from. */

import type { Clock, Connector, Pulls } from "../../src/contract/connector.ts";
import type { Faults } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";

export interface Subject {
	readonly connector: Connector;
	/** Texts of the settings that must never be seen. */
	readonly secrets?: readonly string[];
	/** A service with nothing in it. */
	create(surroundings: Surroundings): Service;
}

/** What a model may look at: then a seed repeats it. */
export interface Surroundings {
	/** The service's own clock; it may go before or after the collector's. */
	readonly clock: Clock;
	/** In [0, 1). */
	random(): number;
	/** Asked before every call that the service answers. */
	readonly faults: Faults;
}

export interface Service {
	plant(event: PlantedEvent): void;
	/** A collector's way in, as a fresh process has it: called again after every crash, with the collector's clock. */
	pulls(clock: Clock): Pulls<never>;
	readonly settings: unknown;
	/** Whether the connector's settings schema takes this; absent if it has none. */
	accepts?(settings: unknown): boolean;
}
