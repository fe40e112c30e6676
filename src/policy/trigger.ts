/**
 * The cheap look that decides whether a text must be read at all: nothing that any rule replaces gets past it.
 * It goes over the text once, two bytes at a time, and stops where three letters could belong to a word that a rule cannot
 * do without; only there it looks closer.
 */

import { latin1Of } from "../json/walk.ts";
import { BOOTSTRAP, STAR, TRIGGER_WORDS } from "./trigger-words.ts";

/** A word that could be there. */
interface Word {
	/** How many letters before those that were found its four letters begin. */
	readonly before: number;
	/** Its four letters in a number, and the bits of those that are no stars. */
	readonly letters: number;
	readonly mask: number;
	/** How many letters after the first of the four the expression is tried. */
	readonly star: 0 | 1;
	readonly expression: RegExp;
	/** What stands there where the word is harmless, if the text is JSON. */
	readonly harmless: RegExp | undefined;
}

const BITS = 7;
/** Of the bits of a letter, those that do not tell its case. */
const CASELESS = 0x5f;
const FIRST_TWO = (CASELESS << (2 * BITS)) | (CASELESS << BITS);
const ANY = Array.from({ length: 1 << BITS }, (_, code) => code);
const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** For the code of three letters, which of the `finds` it is. */
const table = new Uint16Array(FIRST_TWO + CASELESS + 1);
/** The words that could be there: none; none, but there is the dot of what could be a bootstrap token; and the others. */
const finds: (readonly Word[])[] = [[], []];
const [NOTHING, DOTTED] = [0, 1] as const;
const bootstrap = new RegExp(BOOTSTRAP, "y");

for (const [letters, word, harmless] of TRIGGER_WORDS)
	addWord(letters, new RegExp(word, "iy"), harmless === undefined ? undefined : new RegExp(harmless, "y"));
addDots();

function codeOf(first: number, second: number, third: number): number {
	return (((first << (2 * BITS)) | (second << BITS)) & FIRST_TWO) | (third & CASELESS);
}

/** Only every second place is looked at: it is that of the first three letters, or that of the last three. */
function addWord(word: string, expression: RegExp, harmless: RegExp | undefined): void {
	const codes = [...word].map((letter) => (letter === STAR ? ANY : [letter.charCodeAt(0)]));
	const letters = inNumber([...word].map((letter) => (letter === STAR ? 0 : letter.charCodeAt(0) & CASELESS)));
	const mask = inNumber([...word].map((letter) => (letter === STAR ? 0 : CASELESS)));
	for (const before of [0, 1]) {
		const [first = [], second = [], third = []] = codes.slice(before);
		const places = first.flatMap((a) => second.flatMap((b) => third.map((c) => codeOf(a, b, c))));
		addAt(new Set(places), { before, letters, mask, star: word.startsWith(STAR) ? 1 : 0, expression, harmless });
	}
}

function inNumber(letters: readonly number[]): number {
	return letters.reduce((sum, letter) => (sum << BITS) | letter, 0);
}

function addAt(codes: ReadonlySet<number>, word: Word): void {
	const alone = finds.push([word]) - 1;
	for (const code of codes) {
		const others = table[code] as number;
		table[code] = others === NOTHING ? alone : finds.push([...(finds[others] as readonly Word[]), word]) - 1;
	}
}

/** The dot of a bootstrap token is between letters, and before two. */
function addDots(): void {
	const letters = ANY.filter(isLowerOrDigit);
	for (const one of letters)
		for (const two of letters)
			for (const code of [codeOf(DOT, one, two), codeOf(one, DOT, two)]) if (table[code] === NOTHING) table[code] = DOTTED;
}

/** A text on its way through the closer looks, which need it as a string. */
interface Source {
	readonly bytes: Uint8Array;
	readonly length: number;
	readonly isJson: boolean;
	text: string | undefined;
}

/** Whether any rule could have something to replace in the text. */
export function isSuspicious(text: string): boolean {
	return walk({ bytes: bytesOf(text), length: text.length, isJson: false, text });
}

/** Whether any rule could have something to replace in the JSON text that these bytes are. */
export function isSuspiciousJson(bytes: Uint8Array): boolean {
	return walk({ bytes, length: bytes.length, isJson: true, text: undefined });
}

/** Most strings are short: their bytes are looked at in here. */
const scratch = Buffer.alloc(1024);

/** The low byte of each character: what is no ASCII is in no word, and the closer look is at the text itself. */
function bytesOf(text: string): Uint8Array {
	if (text.length > scratch.length) return Buffer.from(text, "latin1");
	scratch.write(text, "latin1");
	return scratch;
}

function walk(source: Source): boolean {
	const { bytes, length } = source;
	let first = bytes[0] as number;
	for (let at = 0; at < length - 2; at += 2) {
		const third = bytes[at + 2] as number;
		const found = table[codeOf(first, bytes[at + 1] as number, third)] as number;
		if (found !== NOTHING && holdsNear(source, at, finds[found] as readonly Word[])) return true;
		first = third;
	}
	return false;
}

function holdsNear(source: Source, at: number, words: readonly Word[]): boolean {
	const dot = source.bytes[at] === DOT ? at : at + 1;
	if (mayBeBootstrap(source, dot) && holdsAt(source, dot, bootstrap)) return true;
	for (let i = 0; i < words.length; i++) {
		const word = words[i] as Word;
		if (isWordAt(source.bytes, at - word.before, word) && holds(source, at - word.before + word.star, word)) return true;
	}
	return false;
}

function holds(source: Source, start: number, { expression, harmless }: Word): boolean {
	if (!holdsAt(source, start, expression)) return false;
	return harmless === undefined || !source.isJson || !holdsAt(source, start, harmless);
}

function isWordAt(bytes: Uint8Array, start: number, { letters, mask }: Word): boolean {
	const two = ((bytes[start] as number) << BITS) | (bytes[start + 1] as number);
	// Where the last is a star, it may be no ASCII.
	const four = (((two << BITS) | (bytes[start + 2] as number)) << BITS) | ((bytes[start + 3] as number) & ((1 << BITS) - 1));
	return (four & mask) === letters;
}

/** Letters of a bootstrap token before its dot. Before them there is none, unless it ends an escape: so many letters before it. */
const FIRST_PART = 6;
const ESCAPES = [1, 5];
const SECOND_PART = 16;

/** Most dots have something else around them, which spares the expression. */
function mayBeBootstrap({ bytes, text }: Source, dot: number): boolean {
	const before = dot - FIRST_PART - 1;
	if (bytes[dot] !== DOT || !isLowerOrDigit(bytes[dot - 1]) || !isLowerOrDigit(bytes[before + 1])) return false;
	// The low byte of a character that is no ASCII may look like a letter, and hide the token behind it.
	const previous = text === undefined ? bytes[before] : text.charCodeAt(before);
	if (isLowerOrDigit(previous) && !ESCAPES.some((length) => bytes[before - length] === BACKSLASH)) return false;
	let end = dot + 1;
	while (isLowerOrDigit(bytes[end])) end++;
	return end - dot > SECOND_PART;
}

function isLowerOrDigit(code: number | undefined): boolean {
	return code !== undefined && ((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39));
}

/** Tries the expression at the letter; a sticky one finds nothing elsewhere. */
function holdsAt(source: Source, start: number, expression: RegExp): boolean {
	if (start < 0) return false;
	source.text ??= latin1Of(source.bytes);
	expression.lastIndex = start;
	return expression.test(source.text);
}
