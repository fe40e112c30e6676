/** Text for and from DuckDB. */

/** An SQL string. */
export function quoted(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

/** DuckDB's message in one line, without its stack, its position mark and its general advice. */
export function oneLine(text: string): string {
	const said = text.split(/\n+(?:LINE \d+:|Stack Trace|Possible solutions|Possible fixes)/, 1)[0] as string;
	return said.replaceAll(/\s+/g, " ").trim();
}

export function textOfError(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
