/** Runs the program as a user does: its own process, real streams, real exit code. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./source-files.ts";

export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Input {
	readonly stdin?: Uint8Array | string;
	readonly cwd?: string;
	/** Called with each piece of standard output; gives the child to act on. */
	onStdout?(kill: (signal: NodeJS.Signals) => void): void;
	/** Closes the reading end of standard output at once. */
	readonly closeStdout?: boolean;
}

const MAIN = join(ROOT, "src", "main.ts");
/** As its first line says: `#!/usr/bin/env -S node FLAGS`. */
const FLAGS = (readFileSync(MAIN, "utf8").split("\n", 1)[0] as string).split(" ").slice(3);

/** `kube-audit ARGS`; resolves when it has ended. */
export function kubeAudit(args: readonly string[], input: Input = {}): Promise<Ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [...FLAGS, MAIN, ...args], { cwd: input.cwd ?? ROOT });
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
			input.onStdout?.((signal) => child.kill(signal));
		});
		if (input.closeStdout === true) child.stdout.destroy();
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.stdin.on("error", () => {});
		child.stdin.end(input.stdin ?? "");
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, stdout, stderr }));
	});
}
