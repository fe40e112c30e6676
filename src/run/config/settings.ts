/** What the user sets: a YAML file, checked before anything starts, and the environment, read here and nowhere else. */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Limits } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import { DEFAULT_LIMITS } from "../../framing/limits.ts";
import { FILTER_PRESETS } from "../../policy/filter-presets.ts";
import { REDACTION_PRESETS } from "../../policy/presets.ts";

/** The process's own; everybody else is handed it. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;

const positive = z.number().int().positive();

/** A secret is named, never written down: an environment variable or a file. */
export const secretReference = z.union([z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })]);

/** `text`: what was named, read already. */
export type SecretReference = z.infer<typeof secretReference> | { readonly text: string };

const presetNames = (names: readonly string[]) => z.enum(names as [string, ...string[]]);

/** What all settings have in common; `secret` is how they name one. */
export const commonShape = <In>(secret: z.ZodType<SecretReference, In>) => ({
	identityKey: secret.optional().describe("Makes uids an HMAC, for those to whom a hash of low-entropy content is a leak."),
	redaction: z
		.strictObject({
			enabled: z.boolean().default(true).describe("false: forward secrets as they are."),
			presets: z
				.partialRecord(presetNames(REDACTION_PRESETS.map(({ name }) => name)), z.boolean())
				.default({})
				.describe("Turns presets off, or on."),
			paths: z.array(z.string()).default([]).describe("More paths to redact, such as requestObject.spec.connection."),
			keep: z.array(z.string()).default([]).describe("Paths that are never redacted."),
			hmacKey: secret.optional().describe("Replaces values by a keyed hash, so that they stay joinable."),
		})
		.prefault({})
		.describe("Which values of events are replaced."),
	filter: z.array(z.string()).default([]).describe("What is dropped: presets, or the path of an audit.k8s.io/v1 Policy file."),
	limits: z
		.strictObject(
			Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, positive.optional()])) as Record<
				keyof Limits,
				z.ZodOptional<typeof positive>
			>,
		)
		.prefault({})
		.describe("Bounds on what a hostile record can make us do."),
});

const settingsSchema = z.strictObject({
	/** Names the cluster of records that do not say their own: a name, an EKS ARN, an ARM id, a GKE resource name. */
	cluster: z.string().min(1).optional(),
	...commonShape(secretReference),
});

export type SettingsFile = z.infer<typeof settingsSchema>;

/** Reads and checks a settings file; without a path, the defaults. Throws CONFIG_INVALID with the place and what was expected. */
export async function loadSettings(path: string | undefined): Promise<SettingsFile> {
	if (path === undefined) return settingsSchema.parse({});
	const value = await readYaml(path);
	const result = settingsSchema.safeParse(value ?? {});
	if (result.success) return { ...result.data, filter: result.data.filter.map((entry) => beside(path, entry)) };
	const issues = result.error.issues.map((issue) => `${issue.path.length === 0 ? "the file" : issue.path.join(".")}: ${issue.message}`);
	throw new CollectorError("CONFIG_INVALID", `${path}: ${issues.join("; ")}`);
}

/** A Policy file named in settings lies relative to them. */
export function beside(settingsPath: string, entry: string): string {
	return FILTER_PRESETS.some(({ name }) => name === entry) ? entry : resolve(dirname(settingsPath), entry);
}

/** Throws CONFIG_INVALID if the file cannot be read or is no YAML. */
export async function readYaml(path: string): Promise<unknown> {
	const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
		throw new CollectorError("CONFIG_INVALID", `${path}: ${error.code === "ENOENT" ? "no such file" : (error.code ?? "cannot be read")}`, {
			cause: error,
		});
	});
	try {
		return parse(text);
	} catch (error) {
		throw new CollectorError("CONFIG_INVALID", `${path}: no valid YAML: ${(error as Error).message.split("\n")[0]}`, { cause: error });
	}
}

/** The secret that a reference names. Throws CONFIG_INVALID if it is not there. */
export async function readSecret(reference: SecretReference | undefined): Promise<string | undefined> {
	if (reference === undefined) return undefined;
	if ("text" in reference) return reference.text;
	const value = "env" in reference ? environment[reference.env] : (await readFile(reference.file, "utf8").catch(() => "")).trimEnd();
	if (value === undefined || value === "") {
		const where = "env" in reference ? `environment variable ${reference.env}` : `file ${reference.file}`;
		throw new CollectorError("CONFIG_INVALID", `the secret in ${where} is missing or empty`);
	}
	return value;
}

export function limitsOf(settings: SettingsFile): Limits {
	const chosen = Object.fromEntries(Object.entries(settings.limits).filter(([, value]) => value !== undefined));
	return { ...DEFAULT_LIMITS, ...chosen };
}
