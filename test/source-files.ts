/** Finds and parses the project's own source files, for the tests that hold the house rules. */

import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { type Node, parse } from "acorn";

export const ROOT = dirname(import.meta.dirname);

export interface SourceFile {
	/** Relative to the checkout, with slashes. */
	readonly path: string;
	readonly text: string;
	readonly isTest: boolean;
}

/** All TypeScript files under the folders, in a fixed order. */
export function sourceFiles(...folders: string[]): readonly SourceFile[] {
	return folders
		.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
		.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
		.map((entry) => {
			const full = join(entry.parentPath, entry.name);
			return { path: relative(ROOT, full).split(sep).join("/"), text: readFileSync(full, "utf8"), isTest: entry.name.endsWith(".test.ts") };
		})
		.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What a file imports, types too: the names between quotes. */
export function importsOf({ text }: SourceFile): readonly string[] {
	const found = text.matchAll(/^(?:import|export)\b[^"';]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm);
	return [...found].map((match) => (match[1] ?? match[2] ?? match[3]) as string);
}

export interface FunctionSize {
	readonly line: number;
	readonly lines: number;
}

/** Every function's first line and its number of lines. Types are blanked out in place, so that lines stay. */
export function functionsOf({ text }: SourceFile): readonly FunctionSize[] {
	const code = stripTypeScriptTypes(text, { mode: "strip" });
	const tree = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true, allowHashBang: true });
	const sizes: FunctionSize[] = [];
	visit(tree, (node) => {
		const { loc } = node;
		if (loc != null && /Function/.test(node.type)) sizes.push({ line: loc.start.line, lines: loc.end.line - loc.start.line + 1 });
	});
	return sizes;
}

/** Words that stand in the code itself: neither in comments nor in strings. */
export function identifiersOf({ text }: SourceFile): readonly { readonly name: string; readonly line: number }[] {
	const code = stripTypeScriptTypes(text, { mode: "strip" });
	const tree = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true, allowHashBang: true });
	const found: { name: string; line: number }[] = [];
	visit(tree, (node) => {
		const { name } = node as Node & { name?: unknown };
		if (node.type === "Identifier" && typeof name === "string") found.push({ name, line: node.loc?.start.line ?? 0 });
	});
	return found;
}

function visit(node: Node, look: (node: Node) => void): void {
	look(node);
	for (const value of Object.values(node)) {
		for (const child of Array.isArray(value) ? value : [value]) {
			if (typeof child === "object" && child !== null && typeof (child as Node).type === "string") visit(child as Node, look);
		}
	}
}
