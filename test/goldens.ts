/** The golden pairs: which raw files have a golden `.ocsf.jsonl` beside them, and what it must hold. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Json, replayInTest } from "./replay-kit.ts";
import { ROOT } from "./source-files.ts";

const CONNECTORS = ["aws-cloudwatch", "azure-diagnostics", "gcp-cloud-logging", "kubernetes"];

export interface Golden {
	/** Relative to the checkout: it stands in the events as the name of their log. */
	readonly raw: string;
	readonly golden: string;
}

export function goldens(): readonly Golden[] {
	return CONNECTORS.flatMap((connector) =>
		readdirSync(join(ROOT, "fixtures", connector))
			.filter((name) => name.includes(".raw."))
			.map((name) => ({
				raw: `fixtures/${connector}/${name}`,
				golden: join(ROOT, "fixtures", connector, `${name.split(".raw.")[0]}.ocsf.jsonl`),
			})),
	);
}

/** The events of a raw file as they are written, redacted; cluster "example" where the records name none. */
export async function eventsOf({ raw }: Golden): Promise<{ text: string; events: readonly Json[] }> {
	process.chdir(ROOT);
	return replayInTest([raw], { cluster: "example" });
}
