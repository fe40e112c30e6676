/** Which connectors can be collected from live, and what settings each takes: the one place that knows. */

import { settings as awsCloudwatch } from "../../connectors/aws-cloudwatch/settings.ts";
import { settings as azureDiagnostics } from "../../connectors/azure-diagnostics/settings.ts";
import { settings as gcpCloudLogging } from "../../connectors/gcp-cloud-logging/settings.ts";
import type { Connector, SettingsSchema } from "../contract/connector.ts";
import { CONNECTORS } from "./registry.ts";

const SETTINGS: Readonly<Record<string, SettingsSchema>> = {
	"aws-cloudwatch": awsCloudwatch,
	"gcp-cloud-logging": gcpCloudLogging,
	"azure-diagnostics": azureDiagnostics,
};

/** Undefined: it reads stored forms only. */
export function pullSettingsOf(connector: Connector): SettingsSchema | undefined {
	return connector.pull?.settings ?? SETTINGS[connector.name];
}

/** Our own, in the registry's order. */
export const LIVE_CONNECTORS: readonly Connector[] = CONNECTORS.filter((connector) => pullSettingsOf(connector) !== undefined);
