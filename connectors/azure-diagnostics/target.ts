/** Where a cloud's query API is, what its tokens are for, and where they come from. */

import { CollectorError } from "../../src/contract/errors.ts";
import type { Settings } from "./settings.ts";

export interface Target {
	/** With https, whatever it is reached by; with the API's version. */
	readonly endpoint: string;
	/** It is reached by plain HTTP. */
	readonly isInsecure: boolean;
	readonly audience: string;
	readonly authorityHost: string;
}

/** learn.microsoft.com/azure/azure-monitor/logs/api/access-api, and its counterparts of the other clouds. */
const CLOUDS: Readonly<Record<Settings["cloud"], { readonly api: string; readonly authorityHost: string }>> = {
	public: { api: "https://api.loganalytics.io", authorityHost: "https://login.microsoftonline.com" },
	usgovernment: { api: "https://api.loganalytics.us", authorityHost: "https://login.microsoftonline.us" },
	china: { api: "https://api.loganalytics.azure.cn", authorityHost: "https://login.chinacloudapi.cn" },
};

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Throws CONFIG_INVALID if tokens would go over the network unencrypted. */
export function targetOf(settings: Pick<Settings, "cloud" | "endpoint" | "audience" | "authorityHost">, allowInsecure: boolean): Target {
	const { api, authorityHost } = CLOUDS[settings.cloud];
	const endpoint = new URL(settings.endpoint ?? `${api}/v1`);
	const isInsecure = endpoint.protocol === "http:";
	if (isInsecure && !allowInsecure && !LOOPBACK.has(endpoint.hostname))
		throw new CollectorError("CONFIG_INVALID", `endpoint ${endpoint.host} is plain http, where tokens could be read: use https`);
	return {
		endpoint: endpoint.href.replace(/^http:/, "https:").replace(/\/+$/, ""),
		isInsecure,
		audience: (settings.audience ?? api).replace(/\/+$/, ""),
		authorityHost: settings.authorityHost ?? authorityHost,
	};
}
