/** `kube-audit simulate`: a cloud's log service on this machine, with events out of files, to try a configuration without a cloud. */

import { Command, Option } from "commander";
import { CollectorError } from "../../contract/errors.ts";
import { NO_METER } from "../../contract/meter.ts";
import { environment } from "../config/settings.ts";
import { systemClock } from "../system-clock.ts";
import { EXIT, type Finish, type Terminal } from "../terminal.ts";
import { SIMULATED, simulate } from "./simulate.ts";
import { sampleEvents } from "./simulate-events.ts";
import { readFixtures } from "./simulate-fixtures.ts";

interface Flags {
	readonly source: string;
	readonly fixtures?: readonly string[];
	readonly port: number;
	readonly rate: number;
	readonly faults: number;
}

const HELP = `
The service speaks the wire protocol of the real one, on 127.0.0.1 alone. The settings that find it go to standard output,
what must be exported, and everything else, to standard error.
Files may be of any source and form that "kube-audit replay" reads. Their events keep their audit ids; their times are moved
so that the newest is now, and pauses are shortened if they lie more than 12 hours apart. Without files there are 60 samples.
With --rate they come again and again after that, with new times and audit ids.

Examples:
  kube-audit simulate --source aws-cloudwatch --fixtures fixtures/kubernetes --port 4600 > kube-audit.yaml
  kube-audit simulate --source gcp-cloud-logging --rate 100 --faults 0.05 > kube-audit.yaml
  kube-audit run --config kube-audit.yaml --once`;

export function simulateCommand(terminal: Terminal, finish: Finish): Command {
	return new Command("simulate")
		.description("serve stored audit logs as a cloud's log service would, on this machine, to try settings without a cloud")
		.addOption(new Option("--source <connector>", "whose service").choices(SIMULATED).makeOptionMandatory())
		.option("--fixtures <path...>", "files or folders with audit logs of any source and form")
		.addOption(
			new Option("--port <number>", "on 127.0.0.1; 0 is any that is free").default(0).argParser(numberFrom("--port", 0, 65_535, true)),
		)
		.addOption(
			new Option("--rate <events>", "go on with so many events a second").default(0).argParser(numberFrom("--rate", 0, 100_000, false)),
		)
		.addOption(
			new Option("--faults <rate>", "how likely a request fails, 0 to 0.9").default(0).argParser(numberFrom("--faults", 0, 0.9, false)),
		)
		.addHelpText("after", HELP)
		.action(async (flags: Flags) => finish(await serve(flags, terminal), "final"));
}

function numberFrom(option: string, min: number, max: number, isWhole: boolean): (text: string) => number {
	return (text) => {
		const value = text.trim() === "" ? Number.NaN : Number(text);
		if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
		throw new CollectorError("CONFIG_INVALID", `${option} ${text}: expected a ${isWhole ? "whole " : ""}number from ${min} to ${max}`);
	};
}

async function serve({ source, fixtures = [], port, rate, faults }: Flags, terminal: Terminal): Promise<number> {
	const { signal } = terminal;
	const host = { signal, clock: systemClock, random: Math.random, log() {}, meter: NO_METER };
	const read = fixtures.length === 0 ? undefined : await readFixtures(fixtures, host);
	const events = read?.events ?? sampleEvents();
	await using service = await simulate({ connector: source, events, port, faultRate: faults, clock: systemClock, random: Math.random });
	const { url, env, config, oldestMs, newestMs } = service;
	const [oldest, newest] = [oldestMs, newestMs].map((ms) => new Date(ms).toISOString());
	const what =
		read === undefined
			? `${events.length} sample events`
			: `${events.length} events out of ${read.files} file${read.files === 1 ? "" : "s"}`;
	const leftOut = [
		...(read?.repeated ? [`${read.repeated} that came twice`] : []),
		...(read?.others ? [`${read.others} records that are no events`] : []),
	];
	terminal.err(
		[
			`${source} is simulated on ${url}`,
			`  ${what}, from ${oldest} to ${newest}${rate > 0 ? `; ${rate} more a second` : ""}`,
			...(leftOut.length === 0 ? [] : [`  left out: ${leftOut.join(", ")}`]),
			"",
			"Its settings are on standard output. With those in kube-audit.yaml, in another terminal:",
			"",
			...Object.entries({ ...env, ...proxyBypass() }).map(([name, value]) => `  export ${name}=${value}`),
			`  ${terminal.command} run --config kube-audit.yaml --once`,
			"",
			"Ctrl-C ends it.",
			"",
		].join("\n"),
	);
	terminal.out(config);
	await service.serve(rate, signal);
	return EXIT.ok;
}

/** A proxy would look for 127.0.0.1 on its own machine. */
function proxyBypass(): Readonly<Record<string, string>> {
	const isBehindProxy = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].some((name) => environment[name]);
	return isBehindProxy ? { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" } : {};
}
