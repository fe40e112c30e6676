/** azure-diagnostics before the conformance kit: the connector's own pulls, over the model of Log Analytics. */

import { azureDiagnostics } from "../../connectors/azure-diagnostics/index.ts";
import { createModel, MODEL_WORKSPACE } from "../../connectors/azure-diagnostics/model.ts";
import { createPulls, type PullsOptions } from "../../connectors/azure-diagnostics/pulls.ts";
import { settings as schema } from "../../connectors/azure-diagnostics/settings.ts";
import { DEFAULT_TIMING } from "../../src/pull/timing.ts";
import type { Subject } from "../kit/index.ts";

const ID = "00000000-1111-2222-3333-444444444444";
const SECRET = "canary-of-16-chars";
const identity = { kind: "service-principal", tenantId: ID, clientId: ID, clientSecret: SECRET };

export function azureSubject(read?: PullsOptions["read"]): Subject {
	return {
		connector: azureDiagnostics,
		secrets: [SECRET],
		create({ clock, random, faults }) {
			const model = createModel({ clock, random, faults, rowsMax: 60, partialRate: 0.03 });
			return {
				plant: (event) => void model.plant(event),
				pulls: (collectorsClock) =>
					createPulls({
						clock: collectorsClock,
						connect: async () => model.client(),
						timing: DEFAULT_TIMING,
						...(read === undefined ? {} : { read }),
					}) as never,
				settings: schema.parse({ workspaces: [MODEL_WORKSPACE], identity, limits: { answerRowsMax: 60 } }),
				accepts: (value) => schema.safeParse(value).success,
			};
		},
	};
}
