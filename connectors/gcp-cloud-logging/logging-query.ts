/** The Logging query language, as far as a model of the service needs it: a filter's text becomes a condition on entries. */

import { nanosOf } from "./time.ts";

/** A time with nanoseconds, as two numbers that compare fast. */
export interface Moment {
	/** Epoch milliseconds. */
	readonly ms: number;
	/** Nanoseconds of the millisecond. */
	readonly nanos: number;
}

/** What a condition can ask of an entry. */
export interface Asked {
	readonly timestamp: Moment;
	readonly receiveTimestamp: Moment;
	/** A member by its path, such as "resource.labels.location". */
	read(path: string): unknown;
}

export interface LoggingQuery {
	/** On the times of arrival and on the entries' own: inclusive and in milliseconds, so wider than what the filter says. */
	readonly receivedMs: Span;
	readonly timeMs: Span;
	matches(entry: Asked): boolean;
}

interface Span {
	readonly from: number;
	readonly to: number;
}

type TimeField = "timestamp" | "receiveTimestamp";

type Condition = (entry: Asked) => boolean;
type Test = (value: unknown) => boolean;

const TOKEN = /\s+|--[^\n]*|("(?:[^"\\]|\\.)*"|!=|!~|=~|>=|<=|[=<>:()-]|[^\s"()=<>:!-][^\s"()=<>:!]*)/y;
const DEPTH_MAX = 50;
const TIMES: ReadonlySet<string> = new Set(["timestamp", "receiveTimestamp"]);

/** A filter that the service would refuse as an invalid argument. */
const REFUSED = Symbol("refused");

const lower = (value: unknown): string => String(value ?? "").toLowerCase();
/** Texts are compared without regard to case (cloud.google.com/logging/docs/view/logging-query-language). */
const equal = (wanted: string): Test => {
	const lowered = lower(wanted);
	return (value) => value === wanted || lower(value) === lowered;
};
const ordered =
	(holds: (order: number) => boolean) =>
	(wanted: string): Test => {
		const lowered = lower(wanted);
		return (value) => holds(lower(value) > lowered ? 1 : lower(value) < lowered ? -1 : 0);
	};
const ORDERS: ReadonlyMap<string, (order: number) => boolean> = new Map([
	[">", (order: number) => order > 0],
	[">=", (order: number) => order >= 0],
	["<", (order: number) => order < 0],
	["<=", (order: number) => order <= 0],
]);
const TESTS: ReadonlyMap<string, (wanted: string) => Test> = new Map<string, (wanted: string) => Test>([
	...[...ORDERS].map(([operator, holds]) => [operator, ordered(holds)] as const),
	["=", equal],
	["!=", (wanted) => not(equal(wanted))],
	[":", (wanted) => (value) => lower(value).includes(lower(wanted))],
	["=~", matching],
	["!~", (wanted) => not(matching(wanted))],
]);

/** The query of a filter; undefined if the service would refuse it. */
export function parseQuery(filter: string): LoggingQuery | undefined {
	const tokens = tokensOf(filter);
	if (tokens === undefined) return undefined;
	const reader: Reader = { tokens, at: 0, depth: 0, bounds: [] };
	try {
		const conditions = tokens.length === 0 ? [] : readAll(reader);
		if (reader.at < tokens.length) return undefined;
		return {
			receivedMs: spanOf(reader.bounds, "receiveTimestamp"),
			timeMs: spanOf(reader.bounds, "timestamp"),
			matches: (entry) => conditions.every((condition) => condition(entry)),
		};
	} catch (error) {
		if (error === REFUSED) return undefined;
		throw error;
	}
}

export function momentOf(time: string): Moment | undefined {
	const nanos = nanosOf(time);
	return nanos === undefined ? undefined : { ms: Number(nanos / 1_000_000n), nanos: Number(nanos % 1_000_000n) };
}

function tokensOf(filter: string): readonly string[] | undefined {
	const tokens: string[] = [];
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < filter.length) {
		const match = TOKEN.exec(filter);
		if (match === null) return undefined;
		if (match[1] !== undefined) tokens.push(match[1]);
	}
	return tokens;
}

interface Reader {
	readonly tokens: readonly string[];
	at: number;
	depth: number;
	/** On times, that hold whatever else does. */
	readonly bounds: Bound[];
}

interface Bound {
	readonly field: TimeField;
	readonly operator: string;
	readonly ms: number;
}

/** Conditions that hold together; OR binds stronger than AND, and AND may be left out. */
function readAll(reader: Reader): readonly Condition[] {
	const conditions = [readAny(reader)];
	while (reader.at < reader.tokens.length && reader.tokens[reader.at] !== ")") {
		if (reader.tokens[reader.at] === "AND") reader.at++;
		conditions.push(readAny(reader));
	}
	return conditions;
}

function readAny(reader: Reader): Condition {
	const bounds = reader.bounds.length;
	const first = readOne(reader);
	if (reader.tokens[reader.at] !== "OR") return first;
	const conditions = [first];
	while (take(reader, "OR")) conditions.push(readOne(reader));
	reader.bounds.length = bounds;
	return (entry) => conditions.some((condition) => condition(entry));
}

function readOne(reader: Reader): Condition {
	if (take(reader, "NOT") || take(reader, "-")) {
		const inner = readNested(reader, readOne);
		return (entry) => !inner(entry);
	}
	if (take(reader, "(")) {
		const inner = readNested(reader, readAll);
		expect(reader, ")");
		return (entry) => inner.every((condition) => condition(entry));
	}
	return readComparison(reader);
}

function readNested<T>(reader: Reader, read: (reader: Reader) => T): T {
	if (++reader.depth > DEPTH_MAX) throw REFUSED;
	const value = read(reader);
	reader.depth--;
	return value;
}

function readComparison(reader: Reader): Condition {
	const field = next(reader);
	if (field === "log_id") return readLogId(reader);
	const operator = next(reader);
	if (!/^[\w."]/.test(field)) throw REFUSED;
	if (TIMES.has(field)) return readTime(reader, field as TimeField, operator);
	const test = TESTS.get(operator);
	if (test === undefined) throw REFUSED;
	const tests = readValues(reader).map(test);
	return (entry) => {
		const value = entry.read(field);
		return tests.some((holds) => holds(value));
	};
}

function not(test: Test): Test {
	return (value) => !test(value);
}

function matching(pattern: string): Test {
	const expression = expressionOf(pattern);
	return (value) => expression.test(String(value ?? ""));
}

function expressionOf(pattern: string): RegExp {
	try {
		return new RegExp(pattern);
	} catch {
		throw REFUSED;
	}
}

function readLogId(reader: Reader): Condition {
	expect(reader, "(");
	const ending = `/logs/${encodeURIComponent(plain(next(reader)))}`;
	expect(reader, ")");
	return (entry) => String(entry.read("logName")).endsWith(ending);
}

function readTime(reader: Reader, field: TimeField, operator: string): Condition {
	const wanted = momentOf(plain(next(reader)));
	const holds = operator === "=" ? (order: number) => order === 0 : ORDERS.get(operator);
	if (wanted === undefined || holds === undefined) throw REFUSED;
	if (reader.depth === 0) reader.bounds.push({ field, operator, ms: wanted.ms });
	return (entry) => {
		const { ms, nanos } = entry[field];
		return holds(ms === wanted.ms ? nanos - wanted.nanos : ms - wanted.ms);
	};
}

function spanOf(bounds: readonly Bound[], field: TimeField): Span {
	const mine = bounds.filter((bound) => bound.field === field);
	const from = mine.filter(({ operator }) => operator === "=" || operator.startsWith(">")).map(({ ms }) => ms);
	const to = mine.filter(({ operator }) => operator === "=" || operator.startsWith("<")).map(({ ms }) => ms);
	// Of nothing, these are without bounds.
	return { from: Math.max(...from), to: Math.min(...to) };
}

function readValues(reader: Reader): readonly string[] {
	if (!take(reader, "(")) return [plain(next(reader))];
	const values = [plain(next(reader))];
	while (take(reader, "OR")) values.push(plain(next(reader)));
	expect(reader, ")");
	return values;
}

function plain(token: string): string {
	if (/^[=<>:()!-]/.test(token)) throw REFUSED;
	if (!token.startsWith('"')) return token;
	return token.slice(1, -1).replace(/\\(.)/g, "$1");
}

function next(reader: Reader): string {
	const token = reader.tokens[reader.at++];
	if (token === undefined) throw REFUSED;
	return token;
}

function take(reader: Reader, token: string): boolean {
	if (reader.tokens[reader.at] !== token) return false;
	reader.at++;
	return true;
}

function expect(reader: Reader, token: string): void {
	if (!take(reader, token)) throw REFUSED;
}
