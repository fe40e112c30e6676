/** Azure diagnostics: audit logs of AKS and Arc-enabled clusters, as diagnostic settings deliver them. */

import type { Connector } from "../../src/contract/connector.ts";
import { decode } from "./decode.ts";
import { forms } from "./forms.ts";
import { frame } from "./frame.ts";
import { resolve } from "./origin.ts";
import { pullWay } from "./pull-way.ts";

/** Stored forms: Event Hubs bodies, PT1H.json blobs, Log Analytics rows and query results. The way in that pulls is log-analytics.ts. */
export const azureDiagnostics: Connector = {
	name: "azure-diagnostics",
	summary: "AKS and Azure Arc audit logs from Azure diagnostic settings (Event Hubs, storage, Log Analytics)",
	forms,
	frame,
	decode,
	resolve,
	pull: pullWay,
};
