/** What `check` knows of each cloud beyond the connector's contract: how it is asked, what that may cost, how logging is switched on. */

import { awsCloudwatch } from "../../../connectors/aws-cloudwatch/index.ts";
import { callsOf, quotaName as regionOf } from "../../../connectors/aws-cloudwatch/quota.ts";
import type { Settings as AwsSettings } from "../../../connectors/aws-cloudwatch/settings.ts";
import { azureDiagnostics } from "../../../connectors/azure-diagnostics/index.ts";
import { type Settings as AzureSettings, quotaOf as azureQuotaOf } from "../../../connectors/azure-diagnostics/settings.ts";
import { gcpCloudLogging } from "../../../connectors/gcp-cloud-logging/index.ts";
import { quotaOf as gcpQuotaOf, quotaName as projectOf } from "../../../connectors/gcp-cloud-logging/query.ts";
import type { Settings as GcpSettings } from "../../../connectors/gcp-cloud-logging/settings.ts";
import type { Connector, Scope, Timing } from "../../contract/connector.ts";
import { DEFAULT_TIMING } from "../../pull/timing.ts";
import type { Asking } from "./check-facts.ts";

/** Our share of a quota; scopes of one name share it. */
export interface QuotaShare {
	readonly name: string;
	readonly callsPerHour: number;
	/** What to do if it is not enough. */
	readonly advice: string;
}

export interface Advice {
	asking(settings: unknown, timing: Partial<Timing>): Asking;
	/** Undefined: not known. */
	quota(settings: unknown, scope: Scope): QuotaShare | undefined;
	/** How audit logging is switched on. */
	auditLogging(scope: Scope, settings: unknown): string;
	/** What it means that nothing is logged. */
	readonly silence: string;
	/** How reads come to be logged, too; absent: always. */
	readonly reads?: string;
	/** What to do if calls are refused for their rate. */
	readonly throttled: string;
}

const MINUTE_MS = 60_000;
const HOUR_S = 3_600;
const MB = 1024 * 1024;
const OFF = "audit logging is off";
/** As the connector's own timing has it, which its contract does not tell. */
const AZURE_TIMING: Partial<Timing> = {
	intervalMs: MINUTE_MS,
	intervalMaxMs: 3 * MINUTE_MS,
	overlapMs: 10 * MINUTE_MS,
	sweeps: [
		{ everyMs: 30 * MINUTE_MS, depthMs: 90 * MINUTE_MS },
		{ everyMs: 360 * MINUTE_MS, depthMs: 720 * MINUTE_MS },
	],
};
const GCP_TIMING: Partial<Timing> = {
	intervalMs: 15_000,
	intervalMaxMs: 45_000,
	overlapMs: MINUTE_MS,
	sweeps: [
		{ everyMs: 30 * MINUTE_MS, depthMs: 60 * MINUTE_MS },
		{ everyMs: 720 * MINUTE_MS, depthMs: 1_500 * MINUTE_MS },
	],
};

const AWS: Advice = {
	asking: (_, timing) => ({
		timing: { ...DEFAULT_TIMING, ...timing },
		callsPerPoll: 1,
		callsPerHourBeside: 6,
		// A page is 1 MB or 10,000 events, each of them counted with 26 bytes more.
		recordsPerCall: (bytes) => Math.min(10_000, MB / (bytes + 26)),
	}),
	quota: (settings, scope) => ({
		name: regionOf(scope),
		callsPerHour: callsOf(settings as AwsSettings, scope.origin.region ?? "").perSecond * HOUR_S,
		advice:
			"raise quota.share (or quota.perSecond) or poll.interval; AWS does not raise the quota itself, but each Region and account has its own",
	}),
	auditLogging({ origin }) {
		const name = word(origin.clusterName, "CLUSTER");
		const region = origin.region === undefined ? "" : ` --region ${word(origin.region, "REGION")}`;
		return `aws eks update-cluster-config${region} --name ${name} --logging '{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`;
	},
	silence: OFF,
	throttled:
		"FilterLogEvents is granted 5 to 25 times a second for all readers of the account in a Region, consoles included: stop others, or lower quota.share",
};

const AZURE: Advice = {
	asking: (settings, timing) => {
		const { tables, limits } = settings as AzureSettings;
		return {
			timing: { ...DEFAULT_TIMING, ...AZURE_TIMING, ...timing },
			// One for each table; two are usual where the settings do not say.
			callsPerPoll: tables?.length ?? 2,
			// Which tables there are is asked every five minutes.
			callsPerHourBeside: 60,
			recordsPerCall: (bytes) => Math.min(limits.answerRowsMax, limits.answerBytesMax / bytes),
		};
	},
	quota: (settings) => ({
		name: `identity ${(settings as AzureSettings).identity.kind}`,
		callsPerHour: azureQuotaOf(settings as AzureSettings).perSecond * HOUR_S,
		advice: "raise quota.share or poll.interval, or give the source an identity of its own",
	}),
	auditLogging({ name, origin }, settings) {
		const { resourceIds = [] } = settings as AzureSettings;
		const cluster = origin.clusterId ?? (resourceIds.length === 1 ? resourceIds[0] : undefined);
		return (
			`az monitor diagnostic-settings create --name kube-audit --resource ${word(cluster, "CLUSTER_RESOURCE_ID")} --workspace WORKSPACE_RESOURCE_ID` +
			` --export-to-resource-specific true --logs '[{"category":"kube-audit","enabled":true}]' (the workspace of id ${word(name, "?")}; the first rows may take 90 minutes)`
		);
	},
	silence: OFF,
	reads: "the category kube-audit logs reads, too; kube-audit-admin leaves out get and list",
	throttled: "an identity may make 200 queries in 30 seconds, 5 at a time: lower quota.share, or give the source an identity of its own",
};

const GCP: Advice = {
	asking: (settings, timing) => ({
		timing: { ...DEFAULT_TIMING, ...GCP_TIMING, ...timing },
		callsPerPoll: 1,
		callsPerHourBeside: 0,
		recordsPerCall: () => (settings as GcpSettings).pageEntriesMax,
	}),
	quota: (settings, scope) => ({
		name: projectOf(scope),
		callsPerHour: gcpQuotaOf(settings as GcpSettings).perSecond * HOUR_S,
		advice: "raise quota.share or poll.interval; Google grants 60 calls a minute to a project and does not raise that",
	}),
	auditLogging: ({ name }) =>
		`GKE always logs writes (Admin Activity): check that ${name} holds running clusters, that clusters, locations and filter of this source match them,` +
		` and look yourself: gcloud logging read 'resource.type="k8s_cluster" AND protoPayload.serviceName="k8s.io"' --limit 1 --freshness 1d`,
	silence: "no cluster logs here",
	reads:
		"to have reads as well, switch on Data Access audit logs of the Kubernetes Engine API (container.googleapis.com: DATA_READ), and grant logging.privateLogEntries.list: without it they are left out silently",
	throttled: "a project may make 60 calls a minute, and that cannot be raised: stop other readers, or lower quota.share",
};

/** Of a connector that somebody else wrote. */
const OTHER: Advice = {
	asking: (_, timing) => ({ timing: { ...DEFAULT_TIMING, ...timing }, callsPerPoll: 1, callsPerHourBeside: 0 }),
	quota: () => undefined,
	auditLogging: () => "switch audit logging on at the cluster, and see that its log reaches this source",
	silence: OFF,
	reads: "see what the cluster's audit policy leaves out",
	throttled: "other readers may draw on the same quota: stop them, or poll less often",
};

const ADVICE: ReadonlyMap<Connector, Advice> = new Map([
	[awsCloudwatch, AWS],
	[azureDiagnostics, AZURE],
	[gcpCloudLogging, GCP],
]);

export function adviceOf(connector: Connector): Advice {
	return ADVICE.get(connector) ?? OTHER;
}

/** For a command that somebody will paste into a shell. */
function word(text: string | undefined, otherwise: string): string {
	return text !== undefined && /^[\w./:@-]{1,300}$/.test(text) ? text : otherwise;
}
