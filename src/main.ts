#!/usr/bin/env -S node --min-semi-space-size=8 --max-semi-space-size=8
/**
 * The program's entry: refuses a Node that is too old in one line, then hands over to the command line.
 * Records live for a few milliseconds: a nursery (MiB) that holds those in flight is left with little to save of them,
 * and one that grows holds more memory and gains no speed.
 */

const NODE_MIN = 24;

if (Number(process.versions.node.split(".")[0]) < NODE_MIN) {
	process.stderr.write(`kube-audit: needs Node.js ${NODE_MIN} or newer, this is ${process.versions.node}; install it from nodejs.org\n`);
	process.exitCode = 2;
} else {
	const { main } = await import("./run/main.ts");
	await main();
}

export {};
