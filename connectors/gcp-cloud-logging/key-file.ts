/** Reads the credentials file that the settings name, as far as it is of a type that can be used by itself. */

import { readFile } from "node:fs/promises";
import { CollectorError } from "../../src/contract/errors.ts";
import { asRecord, parseOrNone } from "../../src/json/value.ts";

/** The members of a credentials file; its `type` is one of those that are read. */
export type Key = Readonly<Record<string, unknown>>;

const KEY_TYPES: ReadonlySet<unknown> = new Set(["service_account", "authorized_user", "external_account"]);

/** Throws CONFIG_INVALID if the file cannot be read or used. What runs programs is left to the default credentials. */
export async function readKey(keyFile: string): Promise<Key> {
	const text = await readFile(keyFile, "utf8").catch((cause: unknown) => {
		throw new CollectorError("CONFIG_INVALID", "credentials.keyFile cannot be read: look at its path and its rights", { cause });
	});
	const key = asRecord(parseOrNone(text));
	const isRunnable = "executable" in asRecord(key["credential_source"]);
	if (KEY_TYPES.has(key["type"]) && !isRunnable) return key;
	throw new CollectorError(
		"CONFIG_INVALID",
		"credentials.keyFile is of no type that is read here (service_account, authorized_user, external_account): name it in GOOGLE_APPLICATION_CREDENTIALS instead",
	);
}
