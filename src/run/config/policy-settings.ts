/** Settings and command-line options -> what policy is to do. */

import { CollectorError } from "../../contract/errors.ts";
import { FILTER_PRESETS } from "../../policy/filter-presets.ts";
import type { PolicySettings } from "../../policy/policy.ts";
import { readSecret, readYaml, type SettingsFile } from "./settings.ts";

/** `filter` on the command line adds to the settings': presets by name, else a path of an audit.k8s.io/v1 Policy file. */
export async function policySettingsOf(settings: SettingsFile, filter: readonly string[], redact: boolean): Promise<PolicySettings> {
	const { enabled, presets, paths, keep } = settings.redaction;
	const hmacKey = await readSecret(settings.redaction.hmacKey);
	const wanted = [...settings.filter, ...filter];
	const isPreset = (entry: string): boolean => FILTER_PRESETS.some(({ name }) => name === entry);
	const files = wanted.filter((entry) => !isPreset(entry));
	if (files.length > 1) throw new CollectorError("CONFIG_INVALID", `only one audit policy file can filter, not ${files.join(" and ")}`);
	const policyFile = files[0];
	return {
		redaction: { enabled: enabled && redact, presets, paths, keep, ...(hmacKey === undefined ? {} : { hmacKey }) },
		filter: {
			presets: wanted.filter(isPreset),
			...(policyFile === undefined ? {} : { policy: await readPolicy(policyFile) }),
		},
	};
}

async function readPolicy(path: string): Promise<unknown> {
	return readYaml(path).catch((error: CollectorError) => {
		const presets = FILTER_PRESETS.map(({ name }) => name).join(", ");
		throw new CollectorError("CONFIG_INVALID", `--filter ${error.message} (presets: ${presets})`, { cause: error });
	});
}

export function identityKeyOf(settings: SettingsFile): Promise<string | undefined> {
	return readSecret(settings.identityKey);
}
