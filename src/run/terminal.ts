/** What commands share: the terminal they talk to, the exit codes, repeatable options. */

import { Option } from "commander";

/** What the process ends with. */
export const EXIT = { ok: 0, quarantined: 1, usage: 2, failure: 3, interrupted: 130 } as const;

/** What the outside gives the command line. */
export interface Terminal {
	readonly stdin: AsyncIterable<Uint8Array>;
	out(text: string): void;
	err(text: string): void;
	/** Standard error is a terminal: progress can be shown. */
	readonly isTerminal: boolean;
	/** How to start this program again, for advice. */
	readonly command: string;
	readonly signal: AbortSignal;
	/** Called whenever the process is told to read its settings again. */
	onHangup(listener: () => void): void;
}

/** Takes a command's exit code; "final": also if it was interrupted, since that is how it ends. */
export type Finish = (exitCode: number, when?: "final") => void;

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
	return new Option(flags, description).argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
}
