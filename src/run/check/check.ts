/** `kube-audit check`: looks at everything that settings name, all at once, and moves nothing. */

import { createPolicy } from "../../policy/policy.ts";
import type { Config } from "../config/config.ts";
import type { SourceConfig } from "../config/config-source.ts";
import { identityKeyOf, policySettingsOf } from "../config/policy-settings.ts";
import type { Environment } from "../config/references.ts";
import { adviceOf, type QuotaShare } from "./check-advice.ts";
import type { Surroundings } from "./check-around.ts";
import { checkCheckpoints, checkQuarantine, checkSink } from "./check-place.ts";
import { type CheckReport, fail, ok, type Place, type SourceReport } from "./check-report.ts";
import { checkSource, inTurn } from "./check-source.ts";
import { openWaysIn } from "./check-ways-in.ts";
import { number } from "./check-words.ts";

export interface CheckOptions extends Pick<Surroundings, "clock" | "random" | "limitMs" | "signal"> {
	readonly config: Config;
	readonly env: Environment;
	/** What vendors' libraries have to say. */
	log(line: string): void;
}

const SOURCES_AT_ONCE = 16;

/** Rejects with CONFIG_INVALID if policy cannot be made of the settings; all else is in the report. */
export async function check(options: CheckOptions): Promise<CheckReport> {
	const { config, env, clock, log } = options;
	createPolicy(await policySettingsOf({ ...config, cluster: undefined }, [], true));
	await identityKeyOf({ ...config, cluster: undefined });
	await using waysIn = openWaysIn(env, clock, log);
	await using checkpoints = await checkCheckpoints(config.checkpoints);
	const surroundings: Surroundings = { ...options, pullsOf: waysIn.of, checkpoints: checkpoints.store };
	const [sources, sinks, quarantine] = await Promise.all([
		inTurn(config.sources, SOURCES_AT_ONCE, (source) => checkSource(source, surroundings)),
		Promise.all(config.sinks.map(checkSink)),
		checkQuarantine(config.quarantine),
	]);
	return { sources, quotas: quotasOf(config.sources, sources), checkpoints: checkpoints.place, quarantine, sinks };
}

interface QuotaUse extends QuotaShare {
	callsPerHour: number;
	wanted: number;
}

/** Scopes, also of different sources, may draw on one quota: only their sum tells whether it will do. */
function quotasOf(configs: readonly SourceConfig[], reports: readonly SourceReport[]): readonly Place[] {
	const uses = new Map<string, QuotaUse>();
	for (const [i, { scopes }] of reports.entries()) {
		const { connector, settings } = configs[i] as SourceConfig;
		for (const { facts, ...scope } of scopes) {
			const share = adviceOf(connector).quota(settings, scope);
			if (share === undefined || facts === undefined) continue;
			const name = `${connector.name} ${share.name}`;
			const use = uses.get(name) ?? { ...share, name, wanted: 0 };
			use.wanted += facts.callsPerHour;
			uses.set(name, use);
		}
	}
	return [...uses.values()].map(placeOf);
}

function placeOf({ name, wanted, callsPerHour, advice }: QuotaUse): Place {
	const text = `about ${number(wanted)} of the ${number(callsPerHour)} calls an hour that are this collector's share`;
	const fits = wanted <= callsPerHour;
	return {
		name,
		findings: [fits ? ok("calls", text) : fail("calls", `${text}: it will not fit, and collection would fall behind`, advice)],
	};
}
