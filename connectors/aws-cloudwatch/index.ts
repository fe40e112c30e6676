/** The connector for Amazon EKS: control-plane logs as CloudWatch Logs returns, delivers and exports them. */

import type { Connector } from "../../src/contract/connector.ts";
import { decode } from "./decode.ts";
import { forms } from "./forms.ts";
import { frame } from "./frame.ts";
import { resolve } from "./origin.ts";
import { pullWay } from "./pull-way.ts";

/** Audit logs of EKS clusters, in the shapes in which CloudWatch Logs and what follows it store them. */
export const awsCloudwatch: Connector = {
	name: "aws-cloudwatch",
	summary: "EKS audit logs from CloudWatch Logs: query results, subscriptions, Firehose objects, exports",
	forms,
	frame,
	decode,
	resolve,
	pull: pullWay,
};
