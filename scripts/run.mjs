/**
 * Sets up what is missing, then runs Node.js 24 with the arguments given: `node scripts/run.mjs src/main.ts --help`.
 * Has no dependencies and runs on Node.js 20, so that a fresh checkout on a fresh machine needs nothing first.
 */

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
/** Of what npm prints when it fails, the beginning says why. */
const ERROR_LINES = 12;
const stamp = join(root, "node_modules", ".kube-audit-setup");

function wantedStamp() {
	return createHash("sha256")
		.update(readFileSync(join(root, "package-lock.json")))
		.digest("hex");
}

function isSetUp() {
	return existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === wantedStamp();
}

function setUp() {
	process.stderr.write("setting up: installing the packages of package-lock.json (once)\n");
	const options = { cwd: root, encoding: "utf8", shell: process.platform === "win32" };
	const result = spawnSync("npm", ["ci", "--loglevel=error", "--no-audit", "--no-fund"], options);
	if (result.status !== 0 || !existsSync(node)) {
		process.stderr.write(`${(result.stderr ?? String(result.error)).split("\n").slice(0, ERROR_LINES).join("\n")}\n`);
		process.stderr.write("setting up failed: npm says why above; is the npm registry reachable?\n");
		process.exit(3);
	}
	writeFileSync(stamp, wantedStamp());
}

if (!isSetUp()) setUp();
const bin = join(root, "node_modules", ".bin");
const env = {
	...process.env,
	PATH: `${bin}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
	// TypeScript is stripped and compiled once, not at every start.
	NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "node"),
};
/** As in the first line of src/main.ts. */
const NURSERY = ["--min-semi-space-size=8", "--max-semi-space-size=8"];
const child = spawn(node, [...NURSERY, ...process.argv.slice(2)], { stdio: "inherit", env });
// The child gets Ctrl-C too and stops in its own way; this process only waits for it.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => {
	process.exitCode = code ?? (signal === null ? 3 : 130);
});
