/** All connectors, the most specific first: the order in which a file's content is offered to them. */

import { awsCloudwatch } from "../../connectors/aws-cloudwatch/index.ts";
import { azureDiagnostics } from "../../connectors/azure-diagnostics/index.ts";
import { gcpCloudLogging } from "../../connectors/gcp-cloud-logging/index.ts";
import { kubernetes } from "../../connectors/kubernetes/index.ts";
import type { Connector } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";

/** `kubernetes` is last: it takes every line that looks like an audit event. */
export const CONNECTORS: readonly Connector[] = [awsCloudwatch, gcpCloudLogging, azureDiagnostics, kubernetes];

export function connectorNamed(name: string): Connector {
	const connector = CONNECTORS.find((candidate) => candidate.name === name);
	if (connector === undefined)
		throw new CollectorError(
			"CONFIG_INVALID",
			`there is no connector "${name}": one of ${CONNECTORS.map((known) => known.name).join(", ")}`,
		);
	return connector;
}
