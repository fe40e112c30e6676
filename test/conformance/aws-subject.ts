/** aws-cloudwatch before the conformance kit: the connector's own pulls, over the model of CloudWatch Logs. */

import { awsCloudwatch } from "../../connectors/aws-cloudwatch/index.ts";
import { createModel } from "../../connectors/aws-cloudwatch/model.ts";
import { createPulls, type PullsOptions } from "../../connectors/aws-cloudwatch/pulls.ts";
import { settings as schema } from "../../connectors/aws-cloudwatch/settings.ts";
import type { Subject } from "../kit/index.ts";

const SETTINGS = {
	regions: ["eu-central-1"],
	clusters: ["prod"],
	roleArn: "arn:aws:iam::123456789012:role/reader",
	externalId: "canary-of-16-chars",
};
const ODDITIES = { short: 0.2, empty: 0.2, lateEnd: 0.2, overlapping: 0.1, unordered: 0.2 };

export function awsSubject(read?: PullsOptions["read"]): Subject {
	return {
		connector: awsCloudwatch,
		secrets: [SETTINGS.externalId],
		create({ clock, random, faults }) {
			const model = createModel({ clock, random, faults, limits: { pageEventsMax: 40, callsPerSecond: 50 }, oddities: ODDITIES });
			return {
				plant: (event) => void model.plant(event),
				pulls: (collectorsClock) =>
					createPulls({ clock: collectorsClock, connect: async () => model.client(), ...(read === undefined ? {} : { read }) }) as never,
				settings: schema.parse(SETTINGS),
				accepts: (value) => schema.safeParse(value).success,
			};
		},
	};
}
