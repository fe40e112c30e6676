/** Prints what `check` found: for people a block for each place, for programs JSON. */

import { outColours as colours } from "../colours.ts";
import { redactSecrets } from "../config/secrets.ts";
import { printable } from "../printable.ts";
import { type CheckReport, type Finding, findingsOf, type Mark, type Place } from "./check-report.ts";

const TEXT_CHARS_MAX = 2_000;
const ABOUT_WIDTH = 12;
const PAINT: Readonly<Record<Mark, (text: string) => string>> = { ok: colours.green, warn: colours.yellow, fail: colours.red };

export function printReport(report: CheckReport, print: (line: string) => void): void {
	for (const source of report.sources) {
		printPlace(`source ${source.name} (${source.connector})`, source, "", print);
		for (const scope of source.scopes) printPlace(scope.name, scope, "  ", print);
	}
	for (const quota of report.quotas) printPlace(`quota ${quota.name}`, quota, "", print);
	printPlace(`checkpoints ${report.checkpoints.name}`, report.checkpoints, "", print);
	printPlace(`quarantine ${report.quarantine.name}`, report.quarantine, "", print);
	for (const sink of report.sinks) printPlace(`sink ${sink.name}`, sink, "", print);
	print(`\n${summaryOf(report)}`);
}

function printPlace(title: string, { findings }: Place, indent: string, print: (line: string) => void): void {
	print(indent + colours.bold(shown(title)));
	for (const { mark, about, text, advice } of findings) {
		print(`${indent}  ${PAINT[mark](mark.padEnd(4))}  ${about.padEnd(ABOUT_WIDTH)}${shown(text)}`);
		if (advice !== undefined) print(`${indent}        ${" ".repeat(ABOUT_WIDTH)}${colours.dim("->")} ${shown(advice)}`);
	}
}

function shown(text: string): string {
	return printable(redactSecrets(text), TEXT_CHARS_MAX);
}

function summaryOf(report: CheckReport): string {
	const { fails, warns } = countsOf(findingsOf(report));
	if (fails === 0 && warns === 0) return colours.green("all well");
	const parts = [...(fails === 0 ? [] : [colours.red(`${fails} failed`)]), ...(warns === 0 ? [] : [colours.yellow(`${warns} to look at`)])];
	return parts.join(", ");
}

function countsOf(findings: readonly Finding[]): { readonly fails: number; readonly warns: number } {
	const count = (mark: Mark): number => findings.filter((finding) => finding.mark === mark).length;
	return { fails: count("fail"), warns: count("warn") };
}

export function hasFailed(report: CheckReport): boolean {
	return countsOf(findingsOf(report)).fails > 0;
}

/** `ok`: nothing failed. */
export function reportJson(report: CheckReport): string {
	const { fails, warns } = countsOf(findingsOf(report));
	return redactSecrets(JSON.stringify({ ok: fails === 0, fails, warns, ...report }));
}
