/** The program's own log, for people and for machines that collect it: one line an entry, without secrets. */

import pino from "pino";
import { printable } from "../printable.ts";

type Level = "debug" | "info" | "warn" | "error";

/** What an entry is about. */
interface LogFields {
	readonly source?: string;
	readonly cluster?: string;
	/** Of an error. */
	readonly code?: string;
}

/** The text is for people, in lower case, without record content. */
type Write = (text: string, fields?: LogFields) => void;

export interface Log extends Readonly<Record<Level, Write>> {
	/** The same log; its entries have these fields besides their own. */
	about(fields: LogFields): Log;
}

export interface LogOptions {
	/** The least that is written. */
	readonly level: Level;
	/** "auto": pretty on a terminal, JSON elsewhere. */
	readonly format: "json" | "pretty" | "auto";
	readonly isTerminal?: boolean;
	/** Takes whole lines. */
	write(lines: string): void;
	/** Takes secrets out of every text. */
	redact(text: string): string;
	/** Epoch milliseconds. */
	now(): number;
}

/** An entry is JSON with the members level, time (RFC 3339), source, cluster, code, msg; or one coloured line. */
export async function createLog(options: LogOptions): Promise<Log> {
	const { level, format, isTerminal = false, now } = options;
	const isPretty = format === "pretty" || (format === "auto" && isTerminal);
	const logger = pino(
		{
			level,
			// The process id and the host's name are the platform's to add.
			base: null,
			formatters: { level: (label) => ({ level: label }) },
			timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
		},
		isPretty ? await prettyTarget(options) : options,
	);
	const text = isPretty ? (words: string) => printable(options.redact(words), TEXT_CHARS_MAX) : options.redact;
	return logOf(logger, {}, text);
}

/** A stack trace or a list of faults may be long. A terminal shows no more of it than somebody reads. */
const TEXT_CHARS_MAX = 4_000;

/** Loaded only for a terminal. */
async function prettyTarget({ write, isTerminal = false }: LogOptions): Promise<pino.DestinationStream> {
	const { prettyFactory } = await import("pino-pretty");
	const pretty = prettyFactory({
		colorize: isTerminal,
		translateTime: "SYS:HH:MM:ss",
		ignore: "source,cluster,code",
		messageFormat: PRETTY_LINE,
	});
	return { write: (line) => write(pretty(line)) };
}

const PRETTY_LINE = "{if source}{source}: {end}{if cluster}{cluster}: {end}{if code}{code}: {end}{msg}";

function logOf(logger: pino.Logger, about: LogFields, clean: (text: string) => string): Log {
	const at =
		(level: Level): Write =>
		(text, fields) => {
			if (logger.isLevelEnabled(level)) logger[level](cleaned({ ...about, ...fields }, clean), "%s", clean(text));
		};
	return {
		debug: at("debug"),
		info: at("info"),
		warn: at("warn"),
		error: at("error"),
		about: (fields) => logOf(logger, { ...about, ...fields }, clean),
	};
}

function cleaned(fields: LogFields, clean: (text: string) => string): LogFields {
	return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(String(value))]));
}
