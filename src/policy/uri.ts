/** Finds what a request URI should not tell: commands and credentials among its parameters, however they are escaped. */

import { isCredentialName, isHarmless } from "./credential-name.ts";
import type { Span } from "./span.ts";

/** Paths whose parameters carry what is run or sent: exec and attach, and whatever a proxy hands on to a kubelet or a service. */
const COMMAND_PATH = /\/(?:exec|attach|portforward|proxy|run|cri)(?:\/|$)/i;
const COMMAND_NAMES = new Set(["command", "cmd", "token", "input", "args", "arg"]);

/** How often a name may be escaped over and over. */
const ESCAPES_MAX = 3;

/** Whether a text could be a request URI: what `findInUri` is for. */
export function isUri(text: string): boolean {
	return text.startsWith("/") && (text.includes("?") || text.includes("%"));
}

/**
 * The values to replace, empty ones aside. Names, order and separators stay. After a `;` inside a value that is replaced
 * the rest is replaced, too: for some servers it is a new parameter, for others it belongs to the value.
 */
export function findInUri(uri: string): readonly Span[] {
	const query = uri.indexOf("?");
	const pathEnd = query < 0 ? uri.length : query;
	const hidden = uri.slice(0, pathEnd).search(/%(?:25){0,2}3f/i);
	if (hidden >= 0) return [...findInHidden(uri, hidden, pathEnd), ...findInQuery(uri, pathEnd)];
	return findInQuery(uri, pathEnd);
}

/** A `?` that a proxied service sees unescaped: its query is inside our path, and is replaced whole if it holds anything. */
function findInHidden(uri: string, start: number, end: number): readonly Span[] {
	const tail = unescapeAll(uri.slice(start, end));
	const path = `${uri.slice(0, start)}${tail}`;
	return findInQuery(path, start).length === 0 ? [] : [{ start: start + uri.slice(start, end).search(/f/i) + 1, end }];
}

function findInQuery(uri: string, pathEnd: number): readonly Span[] {
	if (pathEnd >= uri.length) return [];
	const isCommand = COMMAND_PATH.test(unescapeAll(uri.slice(0, pathEnd)));
	const spans: Span[] = [];
	let at = pathEnd + 1;
	for (const chunk of uri.slice(at).split("&")) {
		let isSecret = false;
		for (const part of chunk.split(";")) {
			const equals = part.indexOf("=");
			const name = unescapeAll(equals < 0 ? part : part.slice(0, equals)).trim();
			const isOwn = equals >= 0 && ((isCommand && COMMAND_NAMES.has(name.toLowerCase())) || isCredentialName(name));
			if (isOwn || isSecret) addSpan(uri, at + (isOwn || equals >= 0 ? equals + 1 : 0), at + part.length, spans);
			isSecret ||= isOwn;
			at += part.length + 1;
		}
	}
	return spans;
}

function addSpan(uri: string, start: number, end: number, spans: Span[]): void {
	if (end > start && !isHarmless(uri.slice(start, end))) spans.push({ start, end });
}

/** The text without percent escapes and with blanks for `+`, also where it was escaped more than once. Total. */
function unescapeAll(text: string): string {
	let unescaped = text.replaceAll("+", " ");
	for (let i = 0; i < ESCAPES_MAX && unescaped.includes("%"); i++) unescaped = unescapeOnce(unescaped);
	return unescaped;
}

function unescapeOnce(text: string): string {
	return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"));
}
