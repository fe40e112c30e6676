/** Tells by its name whether a member, environment variable, parameter or flag holds a credential, or only refers to one. */

import { isMark } from "./mark.ts";
import { isSuspicious } from "./trigger.ts";

/** In the name without separators, in lower case. */
const CREDENTIAL =
	/pass(?:word|wd|phrase|code)|passwd|pwd|secret|token(?!iz)|credential|conn(?:ection)?str|jwt|htpasswd|dockerconfigjson|dockercfg|secretid|(?:api|access|private|encrypt|encryption|signing|auth|master|account|shared|client|ssh|tls|ssl|hmac|storage|deploy|license|rsa|pgp|gpg)keys?(?!id)/;

/** Short words, credentials only where they are the last word: `DB_PASS`, `creds`, `Authorization`, `sessionCookie`. */
const LAST_WORDS = new Set(["pass", "cred", "creds", "authorization", "cookie", "psk", "bearer"]);

/** A name that ends in one of these says something about a credential, or where it is: `secretName`, `token-ttl`, `PASSWORD_FILE`. */
const REFERENCE_ENDS = new Set(
	(
		"name names ref refs file files filename path paths dir directory mount mounts volume volumes id ids seconds secs sec ms minutes hours days " +
		"ttl timeout expiration expiry expires expire expired lifetime age duration period interval policy policies type types kind version " +
		"length len size min max count limit limits budget enabled enable disabled disable required optional mode url uri endpoint issuer " +
		"audience audiences lookup provider providers store stores namespace namespaces selector algorithm alg format header claim claims " +
		"scope scopes status state rotation manager controller review reviews request requests reviewer projection class template templates " +
		"engine label labels annotation annotations field hint regex pattern characters strength created timestamp time driver plugin arn region " +
		"key_ref webhook cleaner signer resolver operator syncer"
	).split(" "),
);

/** Before a credential word, these make it a switch, a number or a reference: `automountServiceAccountToken`, `maxTokens`, `existingSecret`. */
const REFERENCE_STARTS =
	/^(?:automount|existing|image|use|uses|has|is|allow|allows|require|requires|enable|enables|disable|disables|skip|ignore|max|min|num|total|page|continue|continuation|next)$/;

/** `tlsSecret: my-cert`: by convention the name of a Secret. Several `secrets` in a list are names, too. */
const NAMES_OF_SECRETS = /^(?:(?:tls|ssl|ca|cert|certificate|pull)secret|secrets|.*pullsecrets?|oldpwd|pwd)$/;

/** The same names where nothing marks the words. */
const LOWER_CASE_REFERENCES = /(?:secretname|secretref|secretkeyref|tokenfile|tokenpath|passwordfile|secretnamespace|tokenttl|keyfile)$/;

/** Only the end of a long name is looked at, and only what follows the last slash: before it is a domain. */
const NAME_LENGTH_MAX = 128;

/** Whether what bears this name is a credential: any of camelCase, snake_case, kebab-case, dotted. */
export function isCredentialName(name: string): boolean {
	if (!isSuspicious(name)) return false;
	const end = name.slice(name.lastIndexOf("/") + 1).slice(-NAME_LENGTH_MAX);
	const joined = end.replace(/[^A-Za-z0-9]+/g, "").toLowerCase();
	const isCredential = CREDENTIAL.test(joined);
	if (!isCredential && !LAST_WORD_HINT.test(joined)) return false;
	const words = wordsOf(end);
	const last = words.at(-1) ?? "";
	if (!isCredential) return LAST_WORDS.has(last);
	if (joined.endsWith("secretid")) return true;
	if (REFERENCE_ENDS.has(last) || NAMES_OF_SECRETS.test(joined) || LOWER_CASE_REFERENCES.test(joined)) return false;
	return !REFERENCE_STARTS.test(words[0] ?? "") || /pass(?:word|wd|phrase)$/.test(joined);
}

const LAST_WORD_HINT = new RegExp(`(?:${[...LAST_WORDS].join("|")})$`);

function wordsOf(name: string): readonly string[] {
	const parted = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
	return parted
		.toLowerCase()
		.split(/[^a-z0-9]+/)
		.filter((word) => word !== "");
}

/** Domains whose annotations the API server and its own components write: identifiers, never credentials. */
const KUBERNETES_KEY = /^(?:[a-z0-9.-]+\.)?(?:k8s|kubernetes)\.io\//;

/** Whether a member of this name and string value is a credential to replace. */
export function isCredentialMember(name: string, value: string): boolean {
	if (name === "auth") return isUserAndPassword(value);
	return isCredentialName(name) && !KUBERNETES_KEY.test(name) && !isHarmless(value);
}

const SWITCHES = /^(?:true|false|yes|no|on|off|none|null|enabled|disabled)?$/i;
const SUBSTITUTION = /^(?:\$\([A-Za-z0-9_.-]+\)|\$\{[A-Za-z0-9_.-]+\})$/;
const ACCESS_KEY_ID = /^A(?:KIA|SIA)[A-Z0-9]{16}$/;

/** Values that give nothing away: empty, switches, `$(VARIABLE)`, AWS access key ids (identifiers), and our own marks. */
export function isHarmless(value: string): boolean {
	return SWITCHES.test(value) || SUBSTITUTION.test(value) || ACCESS_KEY_ID.test(value) || isMark(value);
}

/** Base64 of `user:password`, as in HTTP basic authentication and the configuration of image registries. */
export function isUserAndPassword(value: string): boolean {
	if (!/^[A-Za-z0-9+/_-]{4,}={0,2}$/.test(value)) return false;
	return /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(value, "base64").toString("latin1"));
}
