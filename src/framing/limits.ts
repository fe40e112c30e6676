/** The bounds on framing that hold unless settings say otherwise. */

import type { Limits } from "../contract/connector.ts";
import { DEPTH_MAX } from "../json/scan.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: Limits = {
	recordBytesMax: 16 * MIB,
	documentBytesMax: 128 * MIB,
	depthMax: DEPTH_MAX,
	batchRecordsMax: 128,
	batchBytesMax: MIB,
	inflationRatioMax: 500,
	inflatedBytesMin: 256 * MIB,
};

/** How much of a record that is too large is kept. */
export const HEAD_BYTES = 64 * KIB;
