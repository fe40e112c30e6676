/** The groups of redaction rules, for those who list them, turn them off, or count what they did. */

/** All are on by default. */
export const REDACTION_PRESETS = [
	{ name: "secrets", summary: "values of Secrets in bodies, patches, lists, tables and webhook patches; names, labels and keys stay" },
	{ name: "tokens", summary: "what TokenRequests and TokenReviews carry, but not whom and how long they are for" },
	{ name: "certificate-requests", summary: "the request and certificate of CertificateSigningRequests, but not who signs what for whom" },
	{ name: "config-maps", summary: "values of ConfigMaps; keys stay" },
	{ name: "last-applied", summary: "annotations in which a tool keeps the whole object as it was last applied" },
	{ name: "env", summary: "environment variables, members and command-line flags whose name or value looks like a credential" },
	{ name: "uri", summary: "commands of exec, attach and proxy requests, and credential parameters in request URIs" },
	{ name: "patterns", summary: "bearer tokens, JWTs, private keys, service keys, passwords in URLs and assignments, in any text" },
] as const;

export type PresetName = (typeof REDACTION_PRESETS)[number]["name"];
