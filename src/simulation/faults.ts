/** What can go wrong between a client and a service, by plan: the models ask before every call. */

/** A fault of one call. `reset` and `timeout` are the network's; the others are the service's answers. */
export type Fault =
	/** The quota is spent. */
	| "throttle"
	/** A 5xx. */
	| "unavailable"
	/** The connection breaks before the answer is complete. */
	| "reset"
	/** No answer within the client's time limit. */
	| "timeout"
	/** Success, with a body that is empty or not what it should be. */
	| "garbled"
	/** The page token is refused. */
	| "bad-token"
	/** The credentials have expired; the next ones are good. */
	| "expired-credentials"
	/** The identity may not do this. */
	| "denied";

/** Asked once for every call; undefined: the call goes well. */
export type Faults = (operation: string) => Fault | undefined;

export const NO_FAULTS: Faults = () => undefined;

/** Fault -> how likely a call meets it. */
export type FaultRates = Readonly<Partial<Record<Fault, number>>>;

export function seededFaults(random: () => number, rates: FaultRates): Faults {
	const all = Object.entries(rates) as readonly (readonly [Fault, number])[];
	return () => {
		let dice = random();
		for (const [fault, rate] of all) {
			if (dice < rate) return fault;
			dice -= rate;
		}
		return undefined;
	};
}
