/** Which connectors can be collected from live, and what settings each takes. */

import type { Connector, SettingsSchema } from "../../contract/connector.ts";
import { CONNECTORS } from "../registry.ts";

/** Undefined: it reads stored forms only. */
export function pullSettingsOf(connector: Connector): SettingsSchema | undefined {
	return connector.pull?.settings;
}

/** Our own, in the registry's order. */
export const LIVE_CONNECTORS: readonly Connector[] = CONNECTORS.filter((connector) => pullSettingsOf(connector) !== undefined);
