/** For tests: arbitrary texts of audit events, as odd as valid JSON without repeated keys can be. */

import fc from "fast-check";

const ODD_STRINGS = [
	"",
	" ",
	"\u2028\u2029",
	"\u0000",
	"😀",
	'"\\',
	"\n\r\t",
	"é",
	"</script>",
	"null",
	"*",
	"a/b",
	"nonResourceURL",
	"\u007f\ufeff",
];
const ODD_KEYS = ["__proto__", "constructor", "toString", "raw", "extras", "hostname", "data", "a.b", "a_b", "", "\u2028"];
const NUMBERS = ["0", "-1", "1.0", "9007199254740993", "1e400", "-0.0", "1E5", "0.1000", "123456789012345678901234567890"];
const TIMES = [
	"2026-05-04T09:30:00.141592Z",
	"2026-05-04T09:30:00Z",
	"2026-05-04t09:30:00.123456789+05:30",
	"2026-05-04 09:30:00.141592000",
	"2026-05-04T09:30:00",
	"2016-12-31T23:59:60Z",
	"1969-12-31T23:59:59.9999Z",
	"yesterday",
];

const text = fc.oneof({ weight: 3, arbitrary: fc.string({ unit: "grapheme-ascii" }) }, fc.constantFrom(...ODD_STRINGS));
const key = fc.oneof(text, fc.constantFrom(...ODD_KEYS));
const quoted = text.map((value) => JSON.stringify(value));
const space = fc.constantFrom("", "", " ", "\n", "\r\n\t");

/** The text of an object with these members, no key twice. */
function objectText(members: readonly (readonly [string, string])[], blank = ""): string {
	return `{${[...new Map(members)].map(([name, value]) => `${blank}${JSON.stringify(name)}:${blank}${value}`).join(",")}${blank}}`;
}

/** Any JSON. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, depthSize: "small" },
		fc.constantFrom("null", "true", "{}", "[]", ...NUMBERS),
		quoted,
		fc.tuple(fc.array(tie("value"), { maxLength: 3 }), space).map(([values, blank]) => `[${blank}${values.join(`${blank},`)}]`),
		fc.tuple(fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }), space).map(([members, blank]) => objectText(members, blank)),
	),
})).value;

const texts = fc.array(quoted, { maxLength: 3 }).map((values) => `[${values.join(",")}]`);
const textMap = fc.array(fc.tuple(key, quoted), { maxLength: 4 }).map((members) => objectText(members));
const times = fc.constantFrom(...TIMES).map((value) => JSON.stringify(value));
const ips = fc
	.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("gce-internal-ip", "fe80::1%eth0", "12.000.22.33", "")), { maxLength: 3 })
	.map((values) => JSON.stringify(values));

const ofWord = (...values: string[]): fc.Arbitrary<string> =>
	fc.oneof(
		fc.constantFrom(...values).map((value) => JSON.stringify(value)),
		quoted,
	);

/** Each of the members or not, mostly of its type, and maybe one that nobody knows. */
function someOf(members: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
	const known = Object.entries(members).map(([name, value]) =>
		fc.option(
			fc.oneof({ weight: 9, arbitrary: value }, jsonText).map((chosen) => [name, chosen] as const),
			{ nil: undefined },
		),
	);
	const unknown = fc.array(fc.tuple(key, jsonText), { maxLength: 1 });
	return fc
		.tuple(fc.tuple(...known), unknown)
		.map(([chosen, odd]) =>
			objectText([...odd.filter(([name]) => !Object.hasOwn(members, name)), ...chosen.filter((member) => member !== undefined)]),
		);
}

const user = someOf({
	username: ofWord("jane", "system:serviceaccount:shop:robot", "system:node:n-1"),
	uid: quoted,
	groups: texts,
	extra: fc
		.array(fc.tuple(fc.oneof(key, fc.constantFrom("arn", "principalId", "authentication.kubernetes.io/pod-name")), texts), { maxLength: 3 })
		.map((members) => objectText(members)),
});
const objectRef = someOf({
	resource: ofWord("pods", "secrets"),
	subresource: ofWord("exec"),
	namespace: quoted,
	name: ofWord("web-0"),
	uid: quoted,
	apiGroup: ofWord("apps"),
	apiVersion: ofWord("v1"),
	resourceVersion: quoted,
});
const code = fc.integer({ min: -1, max: 1_000 }).map(String);
const responseStatus = someOf({ status: quoted, message: quoted, reason: quoted, metadata: jsonText, details: jsonText }).chain((rest) =>
	fc.option(code, { nil: undefined }).map((value) => (value === undefined || rest === "{}" ? rest : `{"code":${value},${rest.slice(1)}`)),
);
const annotations = fc.oneof(
	textMap,
	fc
		.tuple(fc.constantFrom("allow", "forbid", "?"), fc.constantFrom("", 'RBAC: allowed by RoleBinding "x/y" of Role "r"', "webhook"))
		.map(([decision, reason]) => JSON.stringify({ "authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": reason })),
);

/** The text of an audit event; its `auditID` and `stage` are strings, so that it is known as one. */
export const auditText: fc.Arbitrary<string> = fc
	.tuple(
		quoted,
		quoted,
		fc.option(fc.constant('"audit.k8s.io/v1"'), { nil: undefined }),
		someOf({
			kind: fc.constant('"Event"'),
			level: ofWord("Metadata"),
			requestURI: ofWord("/api/v1/pods?limit=500", "/healthz", "/a?b?c", "/x?"),
			verb: ofWord("get", "delete", "connect"),
			user,
			impersonatedUser: user,
			authenticationMetadata: someOf({ impersonationConstraint: quoted }),
			sourceIPs: ips,
			userAgent: ofWord("kubectl/v1.36.4 (linux/amd64)"),
			objectRef,
			responseStatus,
			requestObject: jsonText,
			responseObject: jsonText,
			requestReceivedTimestamp: times,
			stageTimestamp: times,
			annotations,
		}),
	)
	.map(([auditID, stage, apiVersion, rest]) => {
		const head = objectText([
			...(apiVersion === undefined ? [] : [["apiVersion", apiVersion] as const]),
			["auditID", auditID],
			["stage", stage],
		]);
		return rest === "{}" ? head : `${head.slice(0, -1)},${rest.slice(1)}`;
	})
	.filter(isAccepted);

/** `kind` may be odd only in ways that still make an event; and a key of the head must not come twice. */
function isAccepted(candidate: string): boolean {
	const { kind, apiVersion, auditID, stage } = JSON.parse(candidate) as Record<string, unknown>;
	const isKnown = (kind === undefined || kind === "Event") && (typeof apiVersion !== "string" || apiVersion.startsWith("audit.k8s.io/"));
	return isKnown && typeof auditID === "string" && typeof stage === "string";
}
