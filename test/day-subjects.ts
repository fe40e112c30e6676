/** The services of a simulated day: at their real page sizes and quotas, forgetting what nobody asks for any more. */

import { awsCloudwatch } from "../connectors/aws-cloudwatch/index.ts";
import { createModel as createAwsModel } from "../connectors/aws-cloudwatch/model.ts";
import { createPulls as createAwsPulls } from "../connectors/aws-cloudwatch/pulls.ts";
import { settings as awsSettings } from "../connectors/aws-cloudwatch/settings.ts";
import { azureDiagnostics } from "../connectors/azure-diagnostics/index.ts";
import { createModel as createAzureModel, MODEL_WORKSPACE } from "../connectors/azure-diagnostics/model.ts";
import { createPulls as createAzurePulls } from "../connectors/azure-diagnostics/pulls.ts";
import { settings as azureSettings } from "../connectors/azure-diagnostics/settings.ts";
import { gcpCloudLogging } from "../connectors/gcp-cloud-logging/index.ts";
import { createModel as createGcpModel } from "../connectors/gcp-cloud-logging/model.ts";
import { createPulls as createGcpPulls } from "../connectors/gcp-cloud-logging/pulls.ts";
import { settings as gcpSettings } from "../connectors/gcp-cloud-logging/settings.ts";
import type { Batch } from "../src/contract/record.ts";
import type { PullRequest } from "../src/pull/state.ts";
import type { PageSize } from "./day-count.ts";
import type { Service, Subject, Surroundings } from "./kit/subject.ts";

export interface DayService extends Service {
	/** Drops what is older, epoch milliseconds. */
	forget(beforeMs: number): void;
}

export interface DaySubject extends Subject {
	/** What a page holds at most; source-semantics section 8 has it in its formula. */
	readonly page: PageSize;
	create(surroundings: Surroundings): DayService;
}

/** `read` stands around the loop, to count. */
type DaySubjectOf = (read: (request: PullRequest) => AsyncIterable<Batch>) => DaySubject;

/** How long an answer takes. */
const LATENCY_MS = 200;
const ODDITIES = { short: 0.01, empty: 0.01, lateEnd: 0.01, overlapping: 0.01, unordered: 0.01 };

const aws: DaySubjectOf = (read) => ({
	connector: awsCloudwatch,
	page: { bytes: 1024 * 1024, records: 10_000 },
	create(surroundings) {
		const model = createAwsModel({ ...surroundings, limits: { latencyMs: LATENCY_MS }, oddities: ODDITIES });
		return {
			plant: (event) => void model.plant(event),
			forget: (beforeMs) => model.forget(beforeMs),
			pulls: (clock) => createAwsPulls({ clock, connect: async () => model.client(), read }) as never,
			settings: awsSettings.parse({ regions: ["eu-central-1"], clusters: ["prod"] }),
		};
	},
});

const gcp: DaySubjectOf = (read) => ({
	connector: gcpCloudLogging,
	page: { records: 1_000 },
	create(surroundings) {
		const model = createGcpModel(surroundings);
		return {
			plant: (event) => void model.plant(event),
			forget: (beforeMs) => model.forget(beforeMs),
			pulls: (clock) => createGcpPulls({ clock, connect: async () => model.client(), read }) as never,
			settings: gcpSettings.parse({ projects: ["example"] }),
		};
	},
});

const azure: DaySubjectOf = (read) => ({
	connector: azureDiagnostics,
	page: { bytes: 100_000_000, records: 500_000, isWhole: true },
	create(surroundings) {
		const model = createAzureModel({ ...surroundings, workspaces: [{ id: MODEL_WORKSPACE, tables: { AKSAudit: "analytics" } }] });
		return {
			plant: (event) => void model.plant(event),
			forget: (beforeMs) => model.forget(beforeMs),
			pulls: (clock) => createAzurePulls({ clock, connect: async () => model.client(), read }) as never,
			settings: azureSettings.parse({ workspaces: [MODEL_WORKSPACE] }),
		};
	},
});

export const DAY_SUBJECTS: Readonly<Record<string, DaySubjectOf>> = {
	"aws-cloudwatch": aws,
	"gcp-cloud-logging": gcp,
	"azure-diagnostics": azure,
};
