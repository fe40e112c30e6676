/** What the YAML library found wrong -> faults in our words: its own quote the file, which may hold what must not be printed. */

import type { Document, ErrorCode } from "yaml";

/** Both count from 1. */
export interface Position {
	readonly line: number;
	readonly column: number;
}

export interface YamlFault {
	readonly at: Position;
	readonly text: string;
}

export const TOO_DEEP = "nested too deeply";

const FAULTS: { readonly [code in ErrorCode]?: string } = {
	BAD_ALIAS: "an alias (*name) that is not well formed; text that begins with * must be in quotes",
	BAD_DQ_ESCAPE: "a backslash that escapes nothing: put the text in single quotes",
	BAD_INDENT: "wrong indentation, or a bracket that is not closed",
	BAD_SCALAR_START: "text that begins with this character must be in quotes",
	BLOCK_AS_IMPLICIT_KEY: "wrong indentation, or text with a colon at its end, or before a blank, that is not in quotes",
	BLOCK_IN_FLOW: "inside brackets everything must be written with brackets and commas",
	MISSING_CHAR: "something is missing before this: a closing quote or bracket, or the colon and blank after a key",
	MULTILINE_IMPLICIT_KEY: "wrong indentation, or a key without a colon and a blank after it",
	MULTIPLE_DOCS: "a second document (---): the file must hold one",
	NON_STRING_KEY: "a key must be text",
	RESOURCE_EXHAUSTION: TOO_DEEP,
	TAB_AS_INDENT: "a tab: indent with spaces",
	TAG_RESOLVE_FAILED: "a tag (!name) that has no meaning here; text that begins with ! must be in quotes",
	UNEXPECTED_TOKEN: "not expected here: look at the brackets, quotes and indentation before it",
};

const REFERENCE_FAULT = `a reference between brackets must be in quotes: "\${env:NAME}"`;
/** After these the library has lost its way, and what it says of the rest is no help. */
const LAST_CODES: ReadonlySet<ErrorCode> = new Set(["UNEXPECTED_TOKEN", "MISSING_CHAR", "BAD_INDENT"]);

/** One a line at most: a slip makes several. */
export function yamlFaults(document: Document.Parsed, text: string, positionOf: (offset: number) => Position): readonly YamlFault[] {
	const faults = new Map<number, YamlFault>();
	for (const { code, pos } of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
		const at = positionOf(pos[0]);
		const isReference = hasBareReference(text.slice(text.lastIndexOf("\n", pos[0] - 1) + 1, pos[0] + 1));
		if (!faults.has(at.line)) faults.set(at.line, { at, text: isReference ? REFERENCE_FAULT : (FAULTS[code] ?? "not valid YAML") });
		if (LAST_CODES.has(code)) break;
	}
	return [...faults.values()];
}

/** `{ key: ${env:NAME} }`: to YAML braces are maps there. */
function hasBareReference(line: string): boolean {
	return /[{[](?:.*[:,[])?\s*\$\{/.test(line);
}
