/** The connector of Google Cloud Logging: audit entries of GKE clusters, however they were exported. */

import type { Connector } from "../../src/contract/connector.ts";
import { resolveOrigin } from "./cluster.ts";
import { decode } from "./decode.ts";
import { FORMS } from "./forms.ts";
import { frame } from "./frame.ts";
import { createJoin } from "./join.ts";
import { pullWay } from "./pull-way.ts";

export const gcpCloudLogging: Connector = {
	name: "gcp-cloud-logging",
	summary: "GKE audit logs from Google Cloud Logging: API pages, Pub/Sub, Eventarc, Cloud Storage, BigQuery",
	forms: FORMS,
	frame,
	join: () => createJoin(),
	decode,
	resolve: resolveOrigin,
	pull: pullWay,
};
