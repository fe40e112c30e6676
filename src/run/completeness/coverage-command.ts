/** `kube-audit coverage`: what of each cluster is complete, late or missing, as the watermarks in the embedded store tell. */

import Table from "cli-table3";
import { Command } from "commander";
import { outColours as colours } from "../colours.ts";
import { formatDuration } from "../config/duration.ts";
import { printable } from "../printable.ts";
import { DEFAULT_STORE } from "../query-command.ts";
import { systemClock } from "../system-clock.ts";
import type { Finish, Terminal } from "../terminal.ts";
import type { CoverageReport, Problem } from "./coverage.ts";

interface Flags {
	readonly store: string;
	readonly json?: boolean;
}

/** Something is missing, or nothing is known to be complete. */
const EXIT_INCOMPLETE = 1;
const CELL_CHARS_MAX = 80;
const PROBLEMS_MAX = 100;

const HELP = `
kube-audit run sends a watermark event for each log that it reads, again and again: everything that the service had taken
in up to then is delivered. Each one carries the hash of the one before. Times are UTC, those of the log service.

A gap is what no watermark covers, or what one of them says could not be read. Counts: a watermark says how many events it
delivered; a store that has fewer of that stretch of time has lost some, or never got them. It may have more: what was delivered
just before a crash is not counted. With "reconcile" in its settings, run also compares what it saw with what the service counts.

Exit codes: 0 all is complete, 1 something is missing, or there is no watermark.

Examples:
  kube-audit coverage
  kube-audit coverage --store data/kube-audit.duckdb --json`;

export function coverageCommand(terminal: Terminal, finish: Finish): Command {
	return new Command("coverage")
		.description("show what of each cluster is complete, late or missing in the embedded store")
		.option("--store <path>", "the store that run filled", DEFAULT_STORE)
		.option("--json", "one JSON object for each cluster and scope")
		.addHelpText("after", HELP)
		.action(async ({ store, json }: Flags) => {
			const { readCoverage } = await import("./coverage-store.ts");
			const { coverageOf } = await import("./coverage.ts");
			const { marks, counts, unreadable } = await readCoverage(store, terminal.signal);
			const reports = coverageOf(marks, counts);
			const nowMs = systemClock.now();
			if (json === true) for (const report of reports) terminal.out(`${JSON.stringify(jsonOf(report, nowMs))}\n`);
			else if (reports.length > 0) printTable(reports, nowMs, terminal);
			if (marks.length === 0) terminal.err(`${store} holds no watermark: nothing is known to be complete\n`);
			if (unreadable > 0) terminal.err(`${unreadable} of ${marks.length + unreadable} watermarks cannot be read: they were changed\n`);
			const isComplete = marks.length > 0 && unreadable === 0 && reports.every(({ problems }) => problems.length === 0);
			if (!isComplete) finish(EXIT_INCOMPLETE);
		});
}

const HEAD = ["cluster", "source", "scope", "complete from", "to", "newest", "delivered", "stored", "late", "gaps", "status"];

function printTable(reports: readonly CoverageReport[], nowMs: number, terminal: Terminal): void {
	const table = new Table({ head: HEAD.map((column) => colours.bold(column)), style: { head: [], border: [], compact: true } });
	for (const report of reports) table.push(rowOf(report, nowMs));
	terminal.out(`${table.toString()}\n`);
	for (const line of problemLines(reports)) terminal.out(`${line}\n`);
	const scopes = [...new Map(reports.map((report) => [JSON.stringify([report.source, report.scope]), report])).values()];
	const sum = (of: readonly CoverageReport[], count: (report: CoverageReport) => number) => of.reduce((all, one) => all + count(one), 0);
	const counts = [
		`${sum(scopes, ({ watermarks }) => watermarks)} watermarks`,
		`${sum(reports, ({ compared }) => compared)} counts compared with what is stored`,
		`${sum(scopes, ({ reconciled }) => reconciled.length)} with what the service counts`,
	];
	terminal.err(`${counts.join("; ")}\n`);
}

function rowOf(report: CoverageReport, nowMs: number): string[] {
	const { cluster = "", source, scope, complete, newestMs, delivered, stored, late, problems } = report;
	const [first, last] = [complete[0], complete.at(-1)];
	const gaps = problems.filter(({ kind }) => kind === "gap").length;
	const isWhole = problems.length === 0;
	return [
		...[cluster, source, scope].map((name) => printable(name, CELL_CHARS_MAX)),
		first === undefined ? "" : at(first.fromMs),
		last === undefined ? "" : at(last.toMs),
		`${ageOf(newestMs, nowMs)} ago`,
		...[delivered, stored, late, gaps].map(String),
		isWhole ? colours.green("complete") : colours.red("incomplete"),
	];
}

/** A problem of a scope is told once, also if it holds several clusters. */
function problemLines(reports: readonly CoverageReport[]): readonly string[] {
	const lines = reports.flatMap(({ source, scope, cluster, problems }) =>
		problems.map(({ kind, fromMs, toMs, what }) => {
			const whose = kind === "count" ? (cluster ?? scope) : scope;
			return `${printable(`${source}: ${whose}`, CELL_CHARS_MAX)}: ${at(fromMs)} to ${at(toMs)}: ${what}`;
		}),
	);
	const told = [...new Set(lines)];
	return told.length <= PROBLEMS_MAX ? told : [...told.slice(0, PROBLEMS_MAX), `and ${told.length - PROBLEMS_MAX} more; --json gives all`];
}

function jsonOf(report: CoverageReport, nowMs: number): object {
	const { complete, newestMs, problems, reconciled, ...rest } = report;
	const isoOf = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => ({ from: at(fromMs), to: at(toMs) });
	const problemOf = (problem: Problem) => ({ kind: problem.kind, ...isoOf(problem), what: problem.what });
	return {
		...rest,
		complete: complete.map(isoOf),
		newest: at(newestMs),
		newestAgeSeconds: Math.max(0, Math.floor((nowMs - newestMs) / 1000)),
		reconciled: reconciled.map(({ fromMs, toMs, ...counts }) => ({ ...isoOf({ fromMs, toMs }), ...counts })),
		problems: problems.map(problemOf),
	};
}

/** The two largest units are enough. */
function ageOf(sinceMs: number, nowMs: number): string {
	const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
	return (formatDuration(seconds * 1000).match(/\d+[a-z]+/g) ?? []).slice(0, 2).join("");
}

function at(ms: number): string {
	return new Date(ms).toISOString();
}
