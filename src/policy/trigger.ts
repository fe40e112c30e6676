/**
 * The cheap look that decides whether a text must be read at all: nothing that any rule replaces gets past it.
 * It goes over the text once and stops at three letters that a rule's words cannot do without; only there it looks closer.
 */

/** What follows a key whose value is no string: such a member is no credential. */
const NO_STRING = '\\\\*"\\s*:\\s*(?:\\{|true\\b|false\\b|null\\b)';

/** Slashes may be escaped, as some writers of JSON do. */
const USERINFO = ':\\\\*/\\\\*/[^\\s/"]{0,5000}@';

/** Three letters, and what must stand around them (their beginning is where the expression is tried). Case does not matter. */
const TRIGGERS: readonly (readonly [string, string])[] = [
	["pas", "pass"],
	["pwd", "pwd"],
	["cre", `(?<=se)cret(?!(?:name|ref|keyref)\\\\*"\\s*:)(?!${NO_STRING})|cred`],
	["tok", `token(?!${NO_STRING})`],
	["jwt", "jwt"],
	["psk", "psk"],
	["oki", "(?<=co)okie"],
	["bea", "bearer"],
	["sic", "(?<=ba)sic(?:\\s|%20|\\+|\\\\)"],
	["iza", "(?<=author)ization(?![\\w.-])|(?<=A)Iza"],
	[
		"key",
		"(?<=(?:api|access|private|encrypt|encryption|signing|auth|master|account|shared|client|ssh|tls|ssl|hmac|storage|deploy|license|rsa|pgp|gpg)[^a-z0-9]*)key",
	],
	["aut", 'auth\\\\*"\\s*:'],
	["onn", "(?<=c)onn(?:ection)?[^a-z0-9]*str"],
	["htp", "htpasswd"],
	["rcf", "(?<=docke)rcfg"],
	["rco", "(?<=docke)rconfig"],
	["gma", '(?<=confi)gmap(?:list)?\\\\*"(?!\\s*:)'],
	["cer", "certificatesigningrequest"],
	["t-a", "(?<=las)t-applied"],
	["t-h", "(?<=las)t-handled"],
	["k14", "k14s\\.io\\\\*/original"],
	["ttl", "(?<=objectset\\.rio\\.ca)ttle\\.io\\\\*/applied"],
	["---", "-----begin"],
	["ls0", "ls0tLS1CRUdJTi"],
	["eyj", "eyJ"],
	["zxl", "ZXlK"],
	["ghp", "ghp_"],
	["gho", "gho_"],
	["ghu", "ghu_"],
	["ghs", "ghs_"],
	["ghr", "ghr_"],
	["ub_", "(?<=gith)ub_pat_"],
	["glp", "glp(?:at|tt)-"],
	["gld", "gldt-"],
	["glr", "glrt-"],
	["glc", "glcbt-"],
	["glf", "glf(?:t|fct)-"],
	["gli", "glimt-"],
	["gla", "glagent-"],
	["glo", "gloas-"],
	["gls", "glsoat-"],
	["xox", "xox[a-z]-"],
	["xap", "xapp-"],
	["ack", "(?<=hooks\\.sl)ack\\.com"],
	["k_l", "k_live_"],
	["k_t", "k_test_"],
	["whs", "whsec_"],
	["npm", "npm_"],
	["ocs", "(?<=g)ocspx-"],
	["ya2", "ya29\\."],
	["ig=", "(?<=s)ig="],
	["re=", "(?<=signatu)re="],
	["://", USERINFO],
	[":\\/", USERINFO],
	["env", "(?<=/)env\\\\*/"],
	["url", "(?<=c)url\\b"],
	["\\u0", "\\\\u00(?!26|3[ce])"],
];

const LETTERS = 3;
const BITS = 5;
const MASK = (1 << (LETTERS * BITS)) - 1;
const DOT = 0x2e;

/** Kubeadm's bootstrap tokens; see credential-text.ts. */
const BOOTSTRAP = /\.(?=[a-z]{0,15}[0-9])(?=[a-f0-9]{0,15}[g-z])[a-z0-9]{16}(?![\w.-])/y;

/** For each three letters (of each the five low bits, which ignore case), which of the `checks` to make; 0: none. */
const { table, checks } = compile();

function compile(): { table: Uint8Array; checks: readonly RegExp[] } {
	const sources = new Map<number, string[]>();
	for (const [letters, source] of TRIGGERS) {
		const code = [...letters.slice(0, LETTERS)].reduce((sum, letter) => (sum << BITS) | (letter.charCodeAt(0) & 31), 0);
		sources.set(code, [...(sources.get(code) ?? []), source]);
	}
	const codes = new Uint8Array(MASK + 1);
	const expressions = [...sources.values()].map((alternatives) => new RegExp(`(?:${alternatives.join("|")})`, "iy"));
	[...sources.keys()].forEach((code, i) => {
		codes[code] = i + 1;
	});
	return { table: codes, checks: expressions };
}

/** Whether any rule could have something to replace in the text; `text` may be characters or bytes (latin1). */
export function isSuspicious(text: string): boolean {
	let code = 0;
	for (let at = 0; at < text.length; at++) {
		const letter = text.charCodeAt(at);
		code = ((code << BITS) | (letter & 31)) & MASK;
		const found = table[code] as number;
		if (found !== 0 && holdsAt(checks[found - 1] as RegExp, text, at - LETTERS + 1)) return true;
		if (letter === DOT && mayBeBootstrap(text, at) && holdsAt(BOOTSTRAP, text, at)) return true;
	}
	return false;
}

/** Most dots are followed by less: a look at some of the 16 characters spares the expression. */
function mayBeBootstrap(text: string, dot: number): boolean {
	return isLowerOrDigit(text.charCodeAt(dot + 16)) && isLowerOrDigit(text.charCodeAt(dot + 10)) && isLowerOrDigit(text.charCodeAt(dot + 5));
}

function isLowerOrDigit(code: number): boolean {
	return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function holdsAt(check: RegExp, text: string, at: number): boolean {
	if (at < 0) return false;
	check.lastIndex = at;
	return check.test(text);
}
