/** A progress bar on a terminal, for work that takes long; nothing in a pipe. */

import cliProgress from "cli-progress";

export interface Progress {
	/** Without a total (a pipe is read) there is no bar. */
	start(totalBytes: number | undefined): void;
	add(bytes: number): void;
	stop(): void;
}

/** Below this nobody sees a bar. */
const WORTH_A_BAR_BYTES = 8 * 1024 * 1024;

export function startProgress(isShown: boolean): Progress {
	const bar = new cliProgress.SingleBar(
		{ format: " {bar} {percentage}%  {eta_formatted} left", clearOnComplete: true, hideCursor: true, etaBuffer: 50 },
		cliProgress.Presets.shades_classic,
	);
	let readBytes = 0;
	return {
		start(totalBytes) {
			if (isShown && totalBytes !== undefined && totalBytes >= WORTH_A_BAR_BYTES) bar.start(totalBytes, 0);
		},
		add(bytes) {
			readBytes += bytes;
			if (bar.isActive) bar.update(readBytes);
		},
		stop: () => bar.stop(),
	};
}
