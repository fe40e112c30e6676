/**
 * Live collection under fire: the built or checked-out program against simulators on loopback, with socket faults and kills.
 * `node scripts/run.mjs test/live.ts --minutes 5 --rate 100 --faults 0.02`, `... --kills 50`, `... --connectors a,b,c --rate 2000`
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { randomOf } from "../src/simulation/random.ts";
import type { SocketFault } from "../src/simulation/wire.ts";
import { serialIn, serialOf } from "./kit/load.ts";
import { type LiveService, openLiveServices } from "./live-services.ts";
import { ROOT } from "./source-files.ts";

const { values: flags } = parseArgs({
	options: {
		connectors: { type: "string", default: "aws-cloudwatch" },
		minutes: { type: "string", default: "1" },
		/** Events a second, over all connectors. */
		rate: { type: "string", default: "100" },
		/** How likely a request meets a fault of the socket. */
		faults: { type: "string", default: "0" },
		/** kill -9, spread over the time. */
		kills: { type: "string", default: "0" },
		seed: { type: "string", default: "1" },
		/** Run the built program. */
		dist: { type: "boolean", default: false },
	},
});
const MINUTES = Number(flags.minutes);
const RATE = Number(flags.rate);
const KILLS = Number(flags.kills);
const random = randomOf(Number(flags.seed));
const TICK_MS = 100;
/** After the last event all that the services hold back must have arrived by then; polls are up to minutes apart. */
const SETTLE_MS_MAX = 300_000;
/** Once all is there: what comes twice comes with the next polls. */
const REST_MS = 30_000;
const CLOCK_TICKS_PER_SECOND = 100;

const FAULTS: readonly SocketFault[] = ["reset", "cut", "bad-gateway"];

function socketFault(): SocketFault | undefined {
	return random() < Number(flags.faults) ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined;
}

interface Usage {
	/** Seconds of CPU. */
	readonly cpu: number;
	readonly rssMiB: number;
}

function usageOf(pid: number): Usage | undefined {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
		const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
		return { cpu: (Number(stat[11]) + Number(stat[12])) / CLOCK_TICKS_PER_SECOND, rssMiB: Number(rss) / 1024 };
	} catch {
		return undefined;
	}
}

function start(folder: string, services: readonly LiveService[]): ChildProcess {
	const program = flags.dist ? "dist/src/main.js" : "src/main.ts";
	const [, ...nursery] =
		readFileSync(join(ROOT, "src/main.ts"), "utf8")
			.split("\n", 1)[0]
			?.split("node ")
			?.flatMap((part) => part.split(" ")) ?? [];
	const args = [
		...nursery.filter((flag) => flag.startsWith("--")),
		join(ROOT, program),
		"run",
		"--config",
		join(folder, "kube-audit.yaml"),
	];
	const env = { ...process.env, ...Object.assign({}, ...services.map(({ env }) => env)) };
	return spawn(process.execPath, args, { env, cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
}

const exited = (child: ChildProcess): Promise<number | null> =>
	new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve(child.exitCode) : child.once("exit", resolve)));

/** How often each event is in a file that grows. */
function createSends(path: string) {
	const sends = new Map<number, number>();
	let readBytes = 0;
	let rest = "";
	return {
		counts: sends,
		async readOn(): Promise<void> {
			for await (const chunk of createReadStream(path, { start: readBytes })) {
				readBytes += (chunk as Buffer).length;
				const lines = (rest + (chunk as Buffer).toString("latin1")).split("\n");
				rest = lines.pop() as string;
				for (const line of lines) count(line);
			}
		},
	};

	function count(line: string): void {
		const serial = serialIn(Buffer.from(line, "latin1"));
		if (serial === undefined) return;
		const index = Number.parseInt(serial.slice(-12), 16);
		sends.set(index, (sends.get(index) ?? 0) + 1);
	}
}

async function main(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "kube-audit-live-"));
	const services = await openLiveServices(flags.connectors.split(","), socketFault, folder);
	const sources = services.map(({ yaml }) => yaml).join("");
	const tail = `sinks: ["file:out.ndjson"]\ncheckpoints: file:state.db\nlisten: false\n`;
	writeFileSync(join(folder, "kube-audit.yaml"), `sources:\n${sources}${tail}`);
	let child = start(folder, services);
	let planted = 0;
	let peakMiB = 0;
	let cpu = 0;
	let lastCpu = 0;
	let nextLookMs = 0;
	const rss: number[] = [];
	const beganMs = Date.now();
	const endMs = beganMs + MINUTES * 60_000;
	const kills = Array.from({ length: KILLS }, () => beganMs + 5_000 + random() * (endMs - beganMs - 5_000)).sort((a, b) => a - b);
	const sends = createSends(join(folder, "out.ndjson"));
	let untilMs = endMs + SETTLE_MS_MAX;
	for (let killed = 0; Date.now() < untilMs; ) {
		if (Date.now() > endMs && untilMs === endMs + SETTLE_MS_MAX && Date.now() >= nextLookMs) {
			await sends.readOn();
			if (sends.counts.size === planted) untilMs = Math.min(untilMs, Date.now() + REST_MS);
			nextLookMs = Date.now() + 5_000;
		}
		const due = Math.floor((Math.min(Date.now(), endMs) - beganMs) * (RATE / 1000));
		for (; planted < due; planted++) services[planted % services.length]?.plant(serialOf(planted), random);
		const usage = child.pid === undefined ? undefined : usageOf(child.pid);
		if (usage !== undefined) {
			peakMiB = Math.max(peakMiB, usage.rssMiB);
			cpu += Math.max(0, usage.cpu - lastCpu);
			lastCpu = usage.cpu;
			rss.push(usage.rssMiB);
		}
		if (killed < kills.length && Date.now() >= (kills[killed] as number)) {
			killed++;
			child.kill("SIGKILL");
			await exited(child);
			lastCpu = 0;
			child = start(folder, services);
		}
		await wait(TICK_MS);
	}
	child.kill("SIGTERM");
	const exitCode = await exited(child);
	await sends.readOn();
	const counts = [...sends.counts.values()];
	const missing = Array.from({ length: planted }, (_, index) => index).filter((index) => !sends.counts.has(index));
	const third = Math.floor(rss.length / 3);
	const mean = (part: readonly number[]): number => part.reduce((sum, each) => sum + each, 0) / Math.max(1, part.length);
	const say = (text: string): void => void process.stdout.write(`${text}\n`);
	say(
		`connectors ${flags.connectors}; ${MINUTES} minutes, ${RATE} events/s, socket faults ${flags.faults}, ${KILLS} kills, seed ${flags.seed}`,
	);
	say(`planted ${planted}, lost ${missing.length}${missing.length > 0 ? ` (first ${missing.slice(0, 5).join(", ")})` : ""}`);
	say(
		`sends per event: mean ${(counts.reduce((sum, each) => sum + each, 0) / planted).toFixed(4)}, most ${counts.reduce((most, each) => Math.max(most, each), 0)}`,
	);
	say(`requests ${services.map(({ name, requests }) => `${name} ${requests()}`).join(", ")}`);
	say(
		`RSS: peak ${peakMiB.toFixed(0)} MiB, mean by thirds ${[0, 1, 2].map((part) => mean(rss.slice(part * third, (part + 1) * third)).toFixed(0)).join(" / ")} MiB`,
	);
	say(
		`CPU: ${cpu.toFixed(1)} s, ${((cpu * 1000) / Math.max(1, planted / 1000)).toFixed(0)} ms per 1,000 events, ${((cpu * 1000) / ((Date.now() - beganMs) / 1000)).toFixed(1)} millicores; exit ${exitCode}`,
	);
	for (const service of services) await service.close();
	process.exitCode = missing.length > 0 || exitCode !== 0 ? 1 : 0;
}

await main();
