/** The count of what became of records: every framed record ends in exactly one place. */

export interface Tally {
	/** Records that framing cut and handed over, before split parts are joined. */
	framed: number;
	/** Parts that were merged into another record. */
	joined: number;
	forwarded: number;
	/** By rule. */
	readonly filtered: Map<string, number>;
	/** By reason. */
	readonly skipped: Map<string, number>;
	/** By error code. */
	readonly quarantined: Map<string, number>;
}
