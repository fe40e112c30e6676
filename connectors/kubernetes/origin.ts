/** What is known of the cluster behind an audit log: little, since no native event names its cluster. */

import type { Origin } from "../../src/contract/record.ts";

const FILE_PROVIDER = "kube-apiserver audit file";

/** Items of an EventList came by the audit webhook. */
export const WEBHOOK: Partial<Origin> = { logProvider: "kube-apiserver audit webhook" };

/** The cluster is its id if that is known (the uid of kube-system, by custom), else its name, else unknown. */
export function resolve(origin: Origin): Origin {
	const clusterKey = origin.clusterId ?? origin.clusterName;
	return {
		...origin,
		platform: origin.platform ?? "kubernetes",
		logProvider: origin.logProvider ?? FILE_PROVIDER,
		...(clusterKey === undefined ? {} : { clusterKey }),
	};
}
