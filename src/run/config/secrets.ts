/** Remembers the secrets that settings brought in, and blots them out of every text that leaves the process for people. */

/** Shorter ones could not be blotted out without spoiling everything, so that they are refused as secrets. */
export const SECRET_CHARS_MIN = 4;

/** A token file that changes every hour must not fill the memory in a year. */
const SECRETS_MAX = 1_000;
/** Of a secret of several lines, such as a private key, each line may be printed on its own. */
const LINE_CHARS_MIN = 8;
/** Words of our own log lines: who takes a log level from the environment made no secret of it. */
const OPEN_WORDS = new Set(["debug", "info", "warn", "error", "json", "pretty", "auto", "ocsf", "audit", "true", "false", "null"]);

const BLOT = "***";
const remembered = new Set<string>();
let blotted: RegExp | undefined;

/** From now on `redactSecrets` blots this value out. Nothing is ever forgotten on purpose: an old secret may be in use elsewhere. */
export function rememberSecret(value: string): void {
	if (value.length < SECRET_CHARS_MIN || OPEN_WORDS.has(value)) return;
	remembered.delete(value);
	remembered.add(value);
	if (remembered.size > SECRETS_MAX) remembered.delete(remembered.values().next().value as string);
	blotted = undefined;
}

/** The text with every remembered secret replaced by `***`: as it is, and as JSON, addresses, forms and base64 write it. */
export function redactSecrets(text: string): string {
	if (remembered.size === 0) return text;
	blotted ??= patternOf(remembered);
	return text.replace(blotted, BLOT);
}

/** The longest first: a secret that another one begins with must not leave the other's end. */
function patternOf(secrets: ReadonlySet<string>): RegExp {
	const forms = new Set([...secrets].flatMap(formsOf));
	const byLength = [...forms].sort((a, b) => b.length - a.length);
	return new RegExp(byLength.map((form) => RegExp.escape(form)).join("|"), "g");
}

function formsOf(secret: string): readonly string[] {
	const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE_CHARS_MIN && line !== secret);
	return [secret, ...lines].flatMap((text) => [
		text,
		JSON.stringify(text).slice(1, -1),
		encodeURIComponent(text.toWellFormed()),
		new URLSearchParams([[text, ""]]).toString().slice(0, -1),
		...base64Of(text),
	]);
}

/** Without the end that depends on what follows. */
function base64Of(text: string): readonly string[] {
	const bytes = Buffer.from(text);
	const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
	return whole.length < SECRET_CHARS_MIN ? [] : [whole.toString("base64"), whole.toString("base64url")];
}
