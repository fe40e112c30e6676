/** Finds credentials by their shape, anywhere in a text; only the part that matched is to be replaced. */

import { isCredentialName, isHarmless, isUserAndPassword } from "./credential-name.ts";
import { mergeSpans, type Span } from "./span.ts";

/**
 * One shape. `find` begins with letters that cannot be missed and takes in all that may follow, so that it never
 * has to go back: no text makes it slow. `part` is the group to replace, and `holds` decides.
 */
interface Shape {
	readonly find: RegExp;
	readonly part: number;
	readonly holds: (value: string, found: RegExpExecArray) => boolean;
}

const always = (): boolean => true;
const atLeast = (length: number) => (value: string) => value.length >= length;

/** Three parts or more in a row, of which the first is base64 of `{"…`: looked for part by part, so that no text makes it slow. */
function holdsJwt(text: string): boolean {
	const parts = text.split(".");
	const isHead = (part: string): boolean => part.includes("eyJ") && part.length - part.indexOf("eyJ") >= 8;
	return parts.some((part, i) => isHead(part) && (parts[i + 1]?.length ?? 0) >= 5 && parts[i + 2] !== undefined);
}

const PRIVATE_KEY = /-----BEGIN[A-Z0-9 +%]*PRIVATE(?: |\+|%20)KEY/;

function base64Of(holds: (text: string) => boolean): (value: string) => boolean {
	return (value) => holds(Buffer.from(value.replace(/\s|\\[nr]/g, ""), "base64").toString("latin1"));
}

/** Kubeadm's bootstrap tokens are `[a-z0-9]{6}.[a-z0-9]{16}`; names of Events end in 16 hex digits and have none of g to z. */
const isBootstrapSecret = (value: string): boolean => /[g-z]/.test(value) && /[0-9]/.test(value);

const SHAPES: readonly Shape[] = [
	{
		find: /-----BEGIN[A-Z0-9 +%]*PRIVATE(?: |\+|%20)KEY[\s\S]*?(?:-----END[A-Z0-9 +%]*PRIVATE(?: |\+|%20)KEY[A-Z +%0-9]*-----|$)/g,
		part: 0,
		holds: always,
	},
	{
		find: /LS0tLS1CRUdJTi[\w+/-]*(?:(?:[ \t]*\r?\n[ \t]*|\\[nr])+(?!LS0t)[\w+/-]+)*={0,2}/g,
		part: 0,
		holds: base64Of((text) => PRIVATE_KEY.test(text)),
	},
	{ find: /eyJ[\w-]*(?:\.[\w-]*)*/g, part: 0, holds: holdsJwt },
	{ find: /ZXlK[A-Za-z0-9+/_-]*={0,2}/g, part: 0, holds: base64Of(holdsJwt) },
	{ find: /\bbearer(?:\s|%20|\+)+([\w.~+/%:-]+=*)/gi, part: 1, holds: (value) => value.length >= 16 || /^(?=.*\d).{8,}/.test(value) },
	{ find: /\bbasic(?:\s|%20|\+)+([\w+/-]+={0,2})/gi, part: 1, holds: isUserAndPassword },
	{
		find: /authorization\\*["']?\s*[:=]\s*\\*["']?(?:(?:bearer|basic|token|negotiate|apikey)\s+)?([^\s"'\\,;]+)/gi,
		part: 1,
		holds: atLeast(8),
	},
	{ find: /gh[pousr]_([A-Za-z0-9]+)/g, part: 0, holds: atLeast(24) },
	{ find: /github_pat_\w+/g, part: 0, holds: atLeast(24) },
	{ find: /gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]+/g, part: 0, holds: atLeast(22) },
	{ find: /xox[abeoprs]-[A-Za-z0-9-]+/g, part: 0, holds: atLeast(15) },
	{ find: /xapp-[A-Za-z0-9-]+/g, part: 0, holds: atLeast(15) },
	{ find: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([\w/-]+)/g, part: 1, holds: atLeast(16) },
	{ find: /[rs]k_(?:live|test)_[A-Za-z0-9]+/g, part: 0, holds: atLeast(24) },
	{ find: /whsec_[A-Za-z0-9+/=]+/g, part: 0, holds: atLeast(22) },
	{ find: /npm_[A-Za-z0-9]+/g, part: 0, holds: atLeast(36) },
	{ find: /AIza[\w-]+/g, part: 0, holds: atLeast(35) },
	{ find: /GOCSPX-[\w-]+/g, part: 0, holds: atLeast(24) },
	{ find: /ya29\.[\w.-]+/g, part: 0, holds: atLeast(24) },
	{ find: /\b(?:sig|signature)=([\w%+/.~-]+=*)/gi, part: 1, holds: atLeast(20) },
	{ find: /:\/\/[^\s/?#:@"'\\]{0,256}:([^\s/?#"']{1,4096})@/g, part: 1, holds: (value) => !isHarmless(value) },
	{ find: /(?<![\w.-])[a-z0-9]{6}\.([a-z0-9]{16})(?![\w.-])/g, part: 0, holds: (_, found) => isBootstrapSecret(found[1] as string) },
	{ find: /\bcurl\b[^\n]{0,512}?\s(?:-u|--user)[\s=]\s*["']?[^\s:"']{0,256}:([^\s"']+)/g, part: 1, holds: always },
];

/** Every part of the text that has the shape of a credential, in the order of the text, none inside another. */
export function findCredentials(text: string): readonly Span[] {
	const spans: Span[] = [];
	for (const shape of SHAPES) collect(shape, text, spans);
	collectAssignments(text, spans);
	return mergeSpans(spans);
}

function collect({ find, part, holds }: Shape, text: string, spans: Span[]): void {
	find.lastIndex = 0;
	for (let found = find.exec(text); found !== null; found = find.exec(text)) {
		const value = found[part] as string;
		if (!holds(value, found) || isHarmless(value)) continue;
		// A group, where there is one, stands at the end of what was found; only the "@" of a URL comes after it.
		const start = part === 0 ? found.index : found.index + found[0].lastIndexOf(value);
		spans.push({ start, end: start + value.length });
	}
}

/** `name=value`, `"name": "value"` and lines `name: value`; the lookbehind lets a name begin only where a word does. */
const ASSIGNMENT = /(?<![\w.-])([\w.-]+)(\\*["']?)(\s{0,8}(?:=|:)\s{0,8}|\s)(\\*["']?)/g;
const BARE_VALUE = /(?:(?!,(?:\s|[\w.-]+[=:])|\\["'nrt\\])[^\s"'&;|<>])+/y;
/** YAML of an environment variable: the name says what the line below holds. */
const NAME_AND_VALUE = /\bname:[ \t]*["']?([\w.-]+)["']?[ \t]*\r?\n[ \t]*value:[ \t]*["']?([^\s"']+)/g;

function collectAssignments(text: string, spans: Span[]): void {
	ASSIGNMENT.lastIndex = 0;
	for (let found = ASSIGNMENT.exec(text); found !== null; found = ASSIGNMENT.exec(text)) {
		const at = ASSIGNMENT.lastIndex;
		const end = isCredentialName(found[1] as string) ? valueEnd(text, found) : -1;
		if (end > at && !isHarmless(text.slice(at, end))) {
			spans.push({ start: at, end });
			ASSIGNMENT.lastIndex = end;
		} else ASSIGNMENT.lastIndex = found.index + (found[1] as string).length + 1;
	}
	NAME_AND_VALUE.lastIndex = 0;
	for (let found = NAME_AND_VALUE.exec(text); found !== null; found = NAME_AND_VALUE.exec(text)) {
		const value = found[2] as string;
		const end = found.index + found[0].length;
		if (isCredentialName(found[1] as string) && !isHarmless(value)) spans.push({ start: end - value.length, end });
	}
}

/** Where the assigned value ends; -1 if this is prose ("token: not found") and no assignment. */
function valueEnd(text: string, found: RegExpExecArray): number {
	const [whole, name = "", keyQuote = "", separator = "", quote = ""] = found;
	const at = found.index + whole.length;
	if (separator.trim() === "") {
		// `--password x`: only a flag takes its value from the next word.
		if (!name.startsWith("--")) return -1;
	} else if (separator.includes(":") && keyQuote === "" && quote === "" && !beginsLine(text, found.index)) return -1;
	if (quote !== "") {
		const end = text.indexOf(quote, at);
		return end < 0 ? text.length : end;
	}
	BARE_VALUE.lastIndex = at;
	const bare = BARE_VALUE.exec(text);
	return bare === null ? -1 : at + bare[0].length;
}

/**
 * Whether only blanks, dashes (of YAML lists) or a brace stand before `at` in its line. At the very beginning of a text that is
 * not enough ("token: not found"): there the value must be the only word of its line.
 */
function beginsLine(text: string, at: number): boolean {
	let before = at - 1;
	while (before >= 0 && at - before < 64 && " \t-{[".includes(text[before] as string)) before--;
	if (before < 0) return /^[^\n:]*:[ \t]*[^\s]+[ \t]*(?:[\r\n}]|$)/.test(text.slice(at, at + 4096));
	return text[before] === "\n" || (text[before] === "n" && text[before - 1] === "\\");
}
