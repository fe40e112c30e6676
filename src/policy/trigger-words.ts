/** The words that the rules cannot do without, for the cheap look of trigger.ts. */

/** What follows a key whose value is no string: such a member is no credential. */
const NO_STRING = '\\\\*"\\s*:\\s*(?:\\{|true\\b|false\\b|null\\b)';

/** Slashes may be escaped, as some writers of JSON do. */
const USERINFO = ':\\\\*/\\\\*/[^\\s/"]{0,5000}@';

/** Nearly every pod says where it wants a token, in an object that says nothing else, and that it has one. Quotes without escapes are JSON's own. */
const TOKEN_PATH = '(?<=\\{(?:"audience":"[\\w.:/-]{0,256}",)?"expirationSeconds":[0-9]{1,10},"path":")token"\\}';
const MOUNT_PATH = '(?<="mountPath":"/var/run/s)ecrets/kubernetes\\.io/serviceaccount"';

/** What may be before a token's first part: no letter, unless it belongs to an escape. */
const BEFORE_TOKEN = "(?:^|[^\\w.-]|\\\\[bfnrt]|\\\\u[0-9A-Fa-f]{4})";

/** Kubeadm's bootstrap tokens (see credential-text.ts), from their dot on. Unlike the others, it minds the case of letters. */
export const BOOTSTRAP = `(?<=${BEFORE_TOKEN}[a-z0-9]{6})\\.(?=[a-z]{0,15}[0-9])(?=[a-f0-9]{0,15}[g-z])[a-z0-9]{16}(?![\\w.-])`;

/** Any character. */
export const STAR = "*";

/**
 * Four letters of a word, of which a star at either end is any character, and an expression of what must stand around them;
 * it is tried where the letters begin, after the star. Case does not matter. A star at the end has to be there: words that may
 * end a text have theirs at the beginning, where it may be missing.
 * The third, where there is one, is where JSON has the word so often that it is worth knowing that it is harmless there.
 * The letters are those of the word that are rarest in the bodies of Kubernetes.
 */
export const TRIGGER_WORDS: readonly (readonly [letters: string, word: string, harmless?: string])[] = [
	["pass", "pass"],
	["*pwd", "pwd"],
	["ecre", `(?<=s)ecret(?!(?:name|ref|keyref)\\\\*"\\s*:)(?!${NO_STRING})`, MOUNT_PATH],
	["cred", "cred"],
	["toke", `token(?!${NO_STRING})`, TOKEN_PATH],
	["*jwt", "jwt"],
	["*psk", "psk"],
	["okie", "(?<=co)okie"],
	["bear", "bearer"],
	["asic", "(?<=b)asic(?:\\s|%20|\\+|\\\\)"],
	["izat", "(?<=author)ization(?![\\w.-])"],
	["aiza", "AIza"],
	[
		"*key",
		"(?<=(?:api|access|private|encrypt|encryption|signing|auth|master|account|shared|client|ssh|tls|ssl|hmac|storage|deploy|license|rsa|pgp|gpg)[^a-z0-9]*)key",
	],
	["auth", 'auth\\\\*"\\s*:'],
	["onn*", "(?<=c)onn(?:ection)?[^a-z0-9]*str"],
	["ercf", "(?<=dock)ercfg"],
	["erco", "(?<=dock)erconfig"],
	["gmap", '(?<=confi)gmap(?:list)?\\\\*"(?!\\s*:)'],
	["esig", "(?<=certificat)esigningrequest"],
	["t-ap", "(?<=las)t-applied"],
	["t-ha", "(?<=las)t-handled"],
	["k14s", "k14s\\.io\\\\*/original"],
	["ttle", "(?<=objectset\\.rio\\.ca)ttle\\.io\\\\*/applied"],
	["----", "-----begin"],
	["ls0t", "ls0tLS1CRUdJTi"],
	["eyj*", "eyJ"],
	["zxlk", "ZXlK"],
	["ghp_", "ghp_"],
	["gho_", "gho_"],
	["ghu_", "ghu_"],
	["ghs_", "ghs_"],
	["ghr_", "ghr_"],
	["ub_p", "(?<=gith)ub_pat_"],
	["glpa", "glpat-"],
	["glpt", "glptt-"],
	["gldt", "gldt-"],
	["glrt", "glrt-"],
	["glcb", "glcbt-"],
	["glft", "glft-"],
	["glff", "glffct-"],
	["imt-", "(?<=gl)imt-"],
	["glag", "glagent-"],
	["gloa", "gloas-"],
	["glso", "glsoat-"],
	["*xox", "xox[a-z]-"],
	["xapp", "xapp-"],
	["slac", "(?<=hooks\\.)slack\\.com"],
	["k_li", "k_live_"],
	["k_te", "k_test_"],
	["whse", "whsec_"],
	["npm_", "npm_"],
	["ocsp", "(?<=g)ocspx-"],
	["ya29", "ya29\\."],
	["sig=", "sig="],
	["re=*", "(?<=signatu)re="],
	["*://", USERINFO],
	["*:\\/", USERINFO],
	["/env", "/env\\\\*/"],
	["url*", "(?<=c)url\\b"],
	["\\u00", "\\\\u00(?!26|3[ce])"],
];
