/** Faults of a settings file -> the one error that tells them all, a line each, in the order of the file. */

import { CollectorError } from "../../contract/errors.ts";
import { printable } from "../printable.ts";
import type { Fault } from "./config-fault.ts";
import { find, pathText } from "./config-tree.ts";
import { redactSecrets } from "./secrets.ts";
import type { Position } from "./yaml-fault.ts";
import type { TreeNode } from "./yaml-tree.ts";

export interface PlacedFault {
	readonly at: Position;
	readonly text: string;
}

const FAULTS_SHOWN = 40;
const LINE_CHARS_MAX = 1_000;

/** Of several faults at one path the first is told: the others follow from it. */
export function placeFaults(root: TreeNode, faults: readonly Fault[]): readonly PlacedFault[] {
	const byPath = new Map<string, PlacedFault>();
	for (const { path, text, isKey } of faults) {
		const name = pathText(path);
		if (byPath.has(name)) continue;
		const { at, keyAt } = find(root, path);
		byPath.set(name, { at: isKey === true ? keyAt : at, text: name === "" ? text : `${name}: ${text}` });
	}
	return [...byPath.values()];
}

/** CONFIG_INVALID, with lines such as `kube-audit.yaml:12:5: sources[0].regoins: unknown key; did you mean "regions"?`. */
export function invalidConfig(settingsPath: string, faults: readonly PlacedFault[]): CollectorError {
	const sorted = faults.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
	const lines = sorted.slice(0, FAULTS_SHOWN).map(({ at, text }) => {
		// Before the text is cut: a part of a secret is not recognised.
		return `${settingsPath}:${at.line}:${at.column}: ${printable(redactSecrets(text), LINE_CHARS_MAX)}`;
	});
	const more = sorted.length - lines.length;
	return new CollectorError("CONFIG_INVALID", redactSecrets([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n")));
}
