/** gcp-cloud-logging before the conformance kit: the connector's own pulls, over the model of Cloud Logging. */

import { gcpCloudLogging } from "../../connectors/gcp-cloud-logging/index.ts";
import { createModel } from "../../connectors/gcp-cloud-logging/model.ts";
import { createPulls, type PullsOptions } from "../../connectors/gcp-cloud-logging/pulls.ts";
import { settings as schema } from "../../connectors/gcp-cloud-logging/settings.ts";
import { DEFAULT_TIMING } from "../../src/pull/timing.ts";
import type { Subject } from "../kit/index.ts";

const KEY_FILE = "/a-canary-of-more-than-16-characters.json";

export function gcpSubject(read?: PullsOptions["read"]): Subject {
	return {
		connector: gcpCloudLogging,
		secrets: [KEY_FILE],
		create({ clock, random, faults }) {
			const model = createModel({ clock, random, faults, callsPerMinute: 600 });
			return {
				plant: (event) => void model.plant(event),
				pulls: (collectorsClock) =>
					createPulls({
						clock: collectorsClock,
						connect: async () => model.client(),
						timing: DEFAULT_TIMING,
						...(read === undefined ? {} : { read }),
					}) as never,
				settings: schema.parse({
					projects: ["example"],
					pageEntriesMax: 20,
					quota: { perMinute: 600 },
					credentials: { keyFile: KEY_FILE },
				}),
				accepts: (value) => schema.safeParse(value).success,
			};
		},
	};
}
