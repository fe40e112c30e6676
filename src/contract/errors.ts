/** Every way a promise can break, with what is done about it: the table is the only place that decides. */

/** What the pipeline does on an error of a code. */
export type ErrorAction = "stop" | "retry" | "park" | "quarantine" | "resume-at-horizon" | "stop-source";

/** Code -> where it arises and what follows from it. */
export const ERRORS = {
	CONFIG_INVALID: { stage: "configure", action: "stop" },
	ACCESS_DENIED: { stage: "read", action: "park" },
	SOURCE_UNAVAILABLE: { stage: "read", action: "retry" },
	SOURCE_THROTTLED: { stage: "read", action: "retry" },
	CURSOR_EXPIRED: { stage: "read", action: "resume-at-horizon" },
	RECORD_MALFORMED: { stage: "decode", action: "quarantine" },
	RECORD_TOO_LARGE: { stage: "frame", action: "quarantine" },
	EVENT_UNMAPPABLE: { stage: "normalise", action: "quarantine" },
	SINK_UNAVAILABLE: { stage: "forward", action: "retry" },
	SINK_THROTTLED: { stage: "forward", action: "retry" },
	SINK_REJECTED: { stage: "forward", action: "quarantine" },
	SINK_UNAUTHORIZED: { stage: "forward", action: "park" },
	SETTLE_FAILED: { stage: "settle", action: "retry" },
	CHECKPOINT_UNAVAILABLE: { stage: "checkpoint", action: "retry" },
	CHECKPOINT_CONFLICT: { stage: "checkpoint", action: "stop-source" },
} as const satisfies Record<string, { stage: string; action: ErrorAction }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * A broken promise. The message says what failed and what to do next, in lower case,
 * and never carries a secret or the content of a record.
 */
export class CollectorError extends Error {
	readonly code: ErrorCode;
	/** How long the other side asked us to wait, in milliseconds. */
	readonly retryAfterMs: number | undefined;

	constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
		super(message, options.cause === undefined ? {} : { cause: options.cause });
		this.name = "CollectorError";
		this.code = code;
		this.retryAfterMs = options.retryAfterMs;
	}

	get action(): ErrorAction {
		return ERRORS[this.code].action;
	}
}
