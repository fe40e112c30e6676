/** Where a gRPC channel connects to, with or without a proxy: the library itself would only look into the environment. */

export interface Address {
	readonly host: string;
	readonly port: number;
	/** Options of the channel. */
	readonly options: Readonly<Record<string, string | number>>;
}

const HTTPS_PORT = 443;
const HTTP_PORT = 80;
/** The library's own search for a proxy stays off. */
const OFF = { "grpc.enable_http_proxy": 0 };

/** The endpoint's own address, or that of the proxy with the endpoint as what it is asked to connect to. */
export function addressOf(endpoint: string, proxy: string | undefined, noProxy = ""): Address {
	const { hostname: host, port: said, protocol } = new URL(endpoint);
	const port = Number(said || (protocol === "http:" ? HTTP_PORT : HTTPS_PORT));
	if (proxy === undefined || isDirect(host, port, noProxy)) return { host, port, options: OFF };
	const { hostname, port: proxyPort, username, password } = new URL(proxy);
	const creds =
		username === "" ? {} : { "grpc.http_connect_creds": decodeURIComponent(password === "" ? username : `${username}:${password}`) };
	const target = { "grpc.http_connect_target": `dns:${host}:${port}`, "grpc.default_authority": `${host}:${port}` };
	return { host: hostname, port: Number(proxyPort || HTTP_PORT), options: { ...OFF, ...target, ...creds } };
}

/** As NO_PROXY is read: a name stands for itself and for what ends in it, "*" for all; a port may follow. */
function isDirect(host: string, port: number, noProxy: string): boolean {
	return noProxy.split(/[\s,]+/).some((rule) => {
		const [, name = "", onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(rule.toLowerCase()) ?? [];
		if (rule === "" || (onlyPort !== undefined && Number(onlyPort) !== port)) return false;
		return rule === "*" || host === name || (name !== "" && host.endsWith(`.${name}`));
	});
}
