/** Reads PromQL as far as a test needs it: which series an expression asks for, and by which labels. */

export interface Selector {
	readonly metric: string;
	/** Label -> the text that it is compared with, and how. */
	readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

export interface Query {
	readonly selectors: readonly Selector[];
	/** Labels in by, without, on, ignoring and group_*. */
	readonly groupings: readonly string[];
	/** Labels in `by`. */
	readonly by: readonly string[];
}

const FUNCTIONS = new Set(
	"absent changes histogram_quantile increase max_over_time rate resets time vector avg count max min sum topk quantile".split(" "),
);
const OPERATORS = new Set(["and", "or", "unless", "bool", "offset"]);
const GROUPINGS = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const TOKEN =
	/\s+|(?<text>"(?:[^"\\]|\\.)*")|(?<duration>\d+(?:ms|[smhdwy]))|(?<number>\d+(?:\.\d+)?)|(?<name>[a-zA-Z_:][\w:]*)|(?<sign>[=!]~|[!=<>]=|[-+*/%^(){}[\],<>=])/y;
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };

/** Throws on what it does not know: better one function too few in the list than a name that nobody looks at. */
export function readQuery(text: string): Query {
	const tokens = tokensOf(text);
	const selectors: Selector[] = [];
	const groupings: string[] = [];
	const by: string[] = [];
	for (let at = 0; at < tokens.length; at++) {
		const token = tokens[at] as string;
		if (!/^[a-zA-Z_:]/.test(token) || OPERATORS.has(token)) continue;
		if (GROUPINGS.has(token)) {
			const end = tokens.indexOf(")", at);
			const labels = tokens.slice(at + 2, end).filter((name) => name !== ",");
			groupings.push(...labels);
			if (token === "by") by.push(...labels);
			at = end;
		} else if (tokens[at + 1] === "(" || GROUPINGS.has(tokens[at + 1] ?? "")) {
			if (!FUNCTIONS.has(token)) throw new Error(`${text}: no function ${token}`);
		} else {
			const end = tokens[at + 1] === "{" ? tokens.indexOf("}", at) : at;
			selectors.push({ metric: token, matchers: matchersOf(tokens.slice(at + 2, end), text) });
			at = end;
		}
	}
	if (selectors.length === 0) throw new Error(`${text}: asks for nothing`);
	return { selectors, groupings, by };
}

function tokensOf(text: string): readonly string[] {
	const tokens: string[] = [];
	const open: string[] = [];
	TOKEN.lastIndex = 0;
	while (TOKEN.lastIndex < text.length) {
		const from = TOKEN.lastIndex;
		const match = TOKEN.exec(text);
		if (match === null) throw new Error(`${text}: not understood from "${text.slice(from)}"`);
		const [token] = match;
		if (token.trim() === "") continue;
		const closing = CLOSING[token];
		if (closing !== undefined) open.push(closing);
		else if (")}]".includes(token) && open.pop() !== token) throw new Error(`${text}: brackets do not match`);
		tokens.push(token);
	}
	if (open.length > 0) throw new Error(`${text}: brackets are left open`);
	return tokens;
}

function matchersOf(tokens: readonly string[], text: string): Selector["matchers"] {
	const matchers = [];
	for (let at = 0; at < tokens.length; at += 4) {
		const [label = "", operator = "", value = "", comma = ","] = tokens.slice(at, at + 4);
		if (!/^\w+$/.test(label) || !/^(=|!=|=~|!~)$/.test(operator) || !value.startsWith('"') || comma !== ",")
			throw new Error(`${text}: no matcher: ${label} ${operator} ${value}`);
		matchers.push({ label, operator, value: JSON.parse(value) as string });
	}
	return matchers;
}
