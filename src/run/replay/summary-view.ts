/** Prints what a replay did, for people (a table) or for programs (JSON). */

import Table from "cli-table3";
import { accountedFor, total } from "../../pipeline/tally.ts";
import { errColours as colours } from "../colours.ts";
import { printable } from "../printable.ts";
import type { ReplayResult } from "./replay.ts";
import type { FileReport } from "./replay-source.ts";
import { type ClusterSummary, topOf } from "./summary.ts";

const PATH_CHARS_MAX = 200;
const TOP = 5;
const NAME_CHARS_MAX = 60;
const NO_BORDERS = {
	top: "",
	"top-mid": "",
	"top-left": "",
	"top-right": "",
	bottom: "",
	"bottom-mid": "",
	"bottom-left": "",
	"bottom-right": "",
	left: "",
	"left-mid": "",
	mid: "",
	"mid-mid": "",
	right: "",
	"right-mid": "",
	middle: "  ",
};
const LEFT_COLUMNS = 3;

type Column = readonly [title: string, cell: (row: ClusterSummary) => string];

const COLUMNS: readonly Column[] = [
	["source", ({ source }) => source],
	["cluster", clusterOf],
	["first to last event (UTC)", timeSpan],
	["events", ({ events }) => number(events)],
	["success", ({ outcomes }) => number(outcomes.get("Success") ?? 0)],
	["failure", ({ outcomes }) => number(outcomes.get("Failure") ?? 0)],
	["unknown", ({ outcomes }) => number(outcomes.get("Unknown") ?? 0)],
	["filtered", ({ filtered }) => number(total(filtered))],
	["skipped", ({ skipped }) => number(total(skipped))],
	["quarantined", ({ quarantined }) => number(total(quarantined))],
	["redacted", ({ redacted }) => number(total(redacted))],
	["truncated", ({ truncated }) => number(truncated)],
	["inferred", ({ inferred }) => number(inferred)],
];

/** What the user can run next; `command` is how the program was started. */
export interface NextSteps {
	readonly command: string;
	readonly quarantine: string;
	/** The path of the store that events went to, if they did. */
	readonly store?: string;
}

export function printSummary(result: ReplayResult, elapsedMs: number, next: NextSteps, print: (line: string) => void): void {
	const rows = [...result.summary.clusters()].sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : b.events - a.events));
	const read = result.files.filter(({ isRead }) => isRead);
	print(
		colours.bold(
			`${number(result.tally.framed)} records in ${plural(read.length, "file")}, ${(elapsedMs / 1000).toFixed(1)} s${result.stopped ? "; stopped before the end" : ""}`,
		),
	);
	printForms(read, print);
	if (rows.length > 0) print(`\n${tableOf(rows)}\n`);
	printTops(rows, print);
	printRules(rows, print);
	for (const [name, facts] of result.facts)
		print(
			`${label(name)}${Object.entries(facts)
				.map(([fact, value]) => `${number(value)} ${fact}`)
				.join(", ")}`,
		);
	printRemarks(result, rows, next, print);
	printNext(next, print);
}

/** Which form each file was taken as; of many files, how many of each form. */
function printForms(files: readonly FileReport[], print: (line: string) => void): void {
	if (files.length <= TOP) {
		for (const { path, form, compression } of files) print(`  ${printable(path, PATH_CHARS_MAX)}: ${[form, ...compression].join(", ")}`);
		return;
	}
	const forms = [...Map.groupBy(files, ({ form }) => form)].map(([form, group]) => `${form} ${number(group.length)}`);
	print(colours.dim(`  read as ${forms.join(", ")}`));
}

function tableOf(rows: readonly ClusterSummary[]): string {
	const shown = COLUMNS.filter(([title, cell], i) => i <= LEFT_COLUMNS || title === "success" || rows.some((row) => cell(row) !== "0"));
	const table = new Table({
		head: shown.map(([title]) => colours.dim(title)),
		chars: NO_BORDERS,
		style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
		colAligns: shown.map((_, i) => (i < LEFT_COLUMNS ? "left" : "right")),
	});
	for (const row of rows) table.push(shown.map(([, cell]) => cell(row)));
	return table.toString();
}

function printTops(rows: readonly ClusterSummary[], print: (line: string) => void): void {
	const list = (of: (row: ClusterSummary) => ReadonlyMap<string, number>): string =>
		topOf(sumOf(rows.map(of)), TOP)
			.map(([name, count]) => `${printable(name, NAME_CHARS_MAX)} ${colours.dim(number(count))}`)
			.join(", ");
	if (rows.some(({ events }) => events > 0)) {
		print(label("top actors") + list(({ actors }) => actors));
		print(label("top verbs") + list(({ verbs }) => verbs));
	}
}

function printRules(rows: readonly ClusterSummary[], print: (line: string) => void): void {
	const list = (counts: ReadonlyMap<string, number>): string =>
		topOf(counts, counts.size)
			.map(([name, count]) => `${name} ${colours.dim(number(count))}`)
			.join(", ");
	const groups: readonly (readonly [string, ReadonlyMap<string, number>])[] = [
		["redacted values", sumOf(rows.map(({ redacted }) => redacted))],
		["filtered events", sumOf(rows.map(({ filtered }) => filtered))],
		["skipped", sumOf(rows.map(({ skipped }) => skipped))],
		["quarantined", sumOf(rows.map(({ quarantined }) => quarantined))],
	];
	for (const [title, counts] of groups) if (counts.size > 0) print(label(title) + list(counts));
	const saved = sumOf(rows.map(({ savedBytes }) => savedBytes));
	if (saved.size === 0) return;
	const bytes = topOf(saved, saved.size).map(([rule, by]) => `${rule} ${colours.dim(kilobytes(by))}`);
	print(`${label("filter saved")}${kilobytes([...saved.values()].reduce((sum, by) => sum + by, 0))}: ${bytes.join(", ")}`);
}

function printRemarks(result: ReplayResult, rows: readonly ClusterSummary[], next: NextSteps, print: (line: string) => void): void {
	if (result.quarantined > 0) print(colours.yellow(`${plural(result.quarantined, "record")} in quarantine: ${next.quarantine}`));
	printNotRead(
		result.files.filter(({ isRead }) => !isRead),
		print,
	);
	if (rows.some(({ lacksKey, events }) => lacksKey && events > 0)) {
		print(
			colours.yellow("some records do not name their cluster: their uids will not match those of live collection; name it with --cluster"),
		);
	}
}

/** By reason; the files are named where they are few. */
function printNotRead(files: readonly FileReport[], print: (line: string) => void): void {
	for (const [reason, group] of Map.groupBy(files, ({ form }) => form)) {
		const paths = group.map(({ path }) => path);
		print(`not read: ${plural(paths.length, "file")}${paths.length <= TOP ? ` (${paths.join(", ")})` : ""}: ${reason}`);
	}
}

function printNext({ command, store }: NextSteps, print: (line: string) => void): void {
	if (store === undefined) return;
	print(`\n${colours.bold("try next")}`);
	for (const sql of ["SELECT * FROM failures LIMIT 10", "SELECT actor, count(*) AS n FROM secret_access GROUP BY actor ORDER BY n DESC"]) {
		print(`  ${command} query --store ${store} '${sql}'`);
	}
	print(`  ${command} query --views`);
}

/** For programs: the same facts, maps as objects. */
export function summaryJson(result: ReplayResult, elapsedMs: number): string {
	const { tally, files, facts, stopped } = result;
	const clusters = result.summary
		.clusters()
		.map(({ actors, verbs, ...row }) => ({ ...row, topActors: topOf(actors, TOP), topVerbs: topOf(verbs, TOP) }));
	const asObject = (_: string, value: unknown): unknown => (value instanceof Map ? Object.fromEntries(value) : value);
	const { user, system } = process.cpuUsage();
	const used = {
		elapsedMs: Math.round(elapsedMs),
		cpuMs: Math.round((user + system) / 1000),
		peakRssBytes: process.resourceUsage().maxRSS * 1024,
	};
	return JSON.stringify({ ...tally, accountedFor: accountedFor(tally), ...used, stopped, files, clusters, sinks: facts }, asObject);
}

/** Clusters of one name are told apart by region; records that are no events mostly do not say theirs. */
function clusterOf({ cluster, region, events }: ClusterSummary): string {
	if (cluster === undefined || events === 0) return events === 0 ? "–" : "(not named)";
	return region === undefined ? cluster : `${cluster} (${region})`;
}

function timeSpan({ events, firstMs, lastMs }: ClusterSummary): string {
	if (events === 0) return "";
	const [first, last] = [utc(firstMs), utc(lastMs)];
	return `${first} – ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`;
}

function utc(ms: number): string {
	return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().slice(0, 16).replace("T", " ") : "?";
}

function sumOf(maps: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
	const sum = new Map<string, number>();
	for (const map of maps) for (const [key, value] of map) sum.set(key, (sum.get(key) ?? 0) + value);
	return sum;
}

function label(text: string): string {
	return colours.dim(`${text}: `.padEnd(17));
}

function number(value: number): string {
	return value.toLocaleString("en-US");
}

function kilobytes(bytes: number): string {
	return `${number(Math.round(bytes / 1000))} kB`;
}

function plural(count: number, noun: string): string {
	return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
