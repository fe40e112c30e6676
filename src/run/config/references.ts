/** `${env:NAME}` and `${file:PATH}` in settings -> what they name; done after YAML is read, so that no secret can change its structure. */

import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { nearest } from "./nearest.ts";
import { rememberSecret, SECRET_CHARS_MIN } from "./secrets.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where references lead. */
export interface ReferenceScope {
	readonly env: Environment;
	/** What relative paths of files are relative to. */
	readonly folder: string;
}

/** A fault says what is missing and never what is there. */
export type Expanded = { readonly text: string } | { readonly fault: string };

/** What is mounted as a secret is small. */
const FILE_BYTES_MAX = 64 * 1024;
const KINDS = ["env", "file"] as const;
const HINT = `write \${env:NAME} or \${file:PATH}; for the characters "\${" themselves write "$\${"`;

/** An escaped `$${`, or a reference, closed or not. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)(\}?)/g;

/** Whether a text of the settings refers to anything, or escapes that it does. */
export function hasReference(text: string): boolean {
	return text.includes("${");
}

/** Whether a text of the settings takes anything from elsewhere. */
export function namesSecret(text: string): boolean {
	return text.matchAll(REFERENCE).some(([, name]) => name !== undefined);
}

/** Replaces every reference in the text, once: what a value itself says is not looked at. Remembers the values as secrets. */
export async function expandReferences(text: string, scope: ReferenceScope): Promise<Expanded> {
	let expanded = "";
	let end = 0;
	for (const match of text.matchAll(REFERENCE)) {
		const [whole, name, close] = match;
		const found = name === undefined ? { text: "${" } : await followNamed(name, close === "}", scope);
		if ("fault" in found) return found;
		expanded += text.slice(end, match.index) + found.text;
		end = match.index + whole.length;
	}
	return { text: expanded + text.slice(end) };
}

async function followNamed(body: string, isClosed: boolean, scope: ReferenceScope): Promise<Expanded> {
	const colon = body.indexOf(":");
	const kind = body.slice(0, Math.max(0, colon));
	const name = body.slice(colon + 1);
	if (!isClosed) return { fault: `a reference that is not closed: ${HINT}` };
	if (kind === "env" || kind === "file") return follow(kind, name, scope);
	const meant = nearest(kind, KINDS);
	return { fault: meant === undefined ? `not a reference: ${HINT}` : `not a reference; did you mean \${${meant}:...}?` };
}

/** The value that an environment variable or a file holds, without the line break at its end. Remembers it as a secret. */
export async function follow(kind: (typeof KINDS)[number], name: string, scope: ReferenceScope): Promise<Expanded> {
	const found = kind === "env" ? fromEnvironment(name, scope.env) : await fromFile(name, scope.folder);
	if ("fault" in found) return found;
	const where = kind === "env" ? `environment variable ${name}` : `file ${name}`;
	if (found.text === "") return { fault: `${where} is empty` };
	if (found.text.length < SECRET_CHARS_MIN) {
		return {
			fault: `${where} has fewer than ${SECRET_CHARS_MIN} characters, too few to keep it out of logs: write what is no secret in place`,
		};
	}
	rememberSecret(found.text);
	return found;
}

function fromEnvironment(name: string, env: Environment): Expanded {
	if (!/^[A-Za-z_][\w.-]*$/.test(name)) return { fault: `no name of an environment variable: ${HINT}` };
	const value = Object.hasOwn(env, name) ? env[name] : undefined;
	return value === undefined ? { fault: `environment variable ${name} is not set` } : { text: value };
}

async function fromFile(name: string, folder: string): Promise<Expanded> {
	if (name === "" || name.includes("\0")) return { fault: `no path of a file: ${HINT}` };
	try {
		return await readSmall(name, resolve(folder, name));
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return { fault: code === "ENOENT" ? `there is no file ${name}` : `file ${name} cannot be read (${code ?? "unknown reason"})` };
	}
}

async function readSmall(name: string, path: string): Promise<Expanded> {
	await using file = await open(path, "r");
	const stat = await file.stat();
	if (!stat.isFile()) return { fault: `${name} is no regular file` };
	const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_BYTES_MAX + 1), 0, FILE_BYTES_MAX + 1, 0);
	if (bytesRead > FILE_BYTES_MAX) return { fault: `file ${name} is longer than ${FILE_BYTES_MAX} bytes` };
	try {
		return { text: new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, bytesRead)).replace(/[\r\n]+$/, "") };
	} catch {
		return { fault: `file ${name} is not UTF-8 text` };
	}
}
