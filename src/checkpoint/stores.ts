/** Opens the checkpoint store that a setting names; what a store needs is loaded only if it is the one. */

import { fileURLToPath } from "node:url";
import type { BlobOptions, BlobPlace } from "../cloud/azblob.ts";
import type { GsOptions } from "../cloud/gs.ts";
import type { ObjectClient, ObjectPlace } from "../cloud/objects.ts";
import type { S3Options } from "../cloud/s3.ts";
import type { CheckpointStore } from "../contract/checkpoint.ts";
import { CollectorError } from "../contract/errors.ts";
import type { FileCheckpointOptions } from "./file.ts";
import { createMemoryCheckpoints } from "./memory.ts";

export interface CheckpointOptions extends FileCheckpointOptions {
	readonly s3?: S3Options;
	readonly gs?: GsOptions;
	readonly azblob?: BlobOptions;
}

const FORMS =
	"memory:, file:PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://ACCOUNT/CONTAINER/PREFIX or https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Stores allow 1,024 bytes for a whole name, and a checkpoint's own takes up to 420. */
const PREFIX_BYTES_MAX = 500;

/**
 * Throws CONFIG_INVALID for a form that is none, and what the store throws that cannot be opened.
 * A cloud's store is not asked anything yet: a denial shows with the first load. An `https:` form may carry a shared access
 * signature, a secret: no error repeats it.
 */
export async function openCheckpoints(spec: string, options: CheckpointOptions = {}): Promise<CheckpointStore & AsyncDisposable> {
	const scheme = /^[a-z0-9]+:/.exec(spec)?.[0];
	const rest = spec.slice(scheme?.length ?? 0);
	switch (scheme) {
		case "memory:":
			if (rest !== "") break;
			return { ...createMemoryCheckpoints(), async [Symbol.asyncDispose]() {} };
		case "file:":
			return (await import("./file.ts")).openFileCheckpoints(filePathOf(spec), options);
		case "s3:":
			return onObjects(await (await import("../cloud/s3.ts")).openS3Objects(placeOf(scheme, rest), options.s3), options);
		case "gs:":
			return onObjects(await (await import("../cloud/gs.ts")).openGsObjects(placeOf(scheme, rest), options.gs), options);
		case "azblob:":
			return onObjects(await (await import("../cloud/azblob.ts")).openBlobs(blobPlaceOf(rest), options.azblob), options);
		case "https:":
			return onObjects(await (await import("../cloud/azblob.ts")).openBlobs(blobPlaceOfUrl(spec), options.azblob), options);
	}
	throw formError(scheme === undefined ? "it names no kind of store" : `${scheme} is no kind of store`);
}

async function onObjects(client: ObjectClient, options: CheckpointOptions): Promise<CheckpointStore & AsyncDisposable> {
	return (await import("./object.ts")).createObjectCheckpoints(client, options);
}

function filePathOf(spec: string): string {
	const path = spec.slice("file:".length);
	if (path === "") throw formError("file: names no path");
	if (!path.startsWith("//")) return path;
	try {
		return fileURLToPath(spec);
	} catch {
		throw formError("file:// needs a whole path, as in file:///var/lib/kube-audit/checkpoints.db");
	}
}

function placeOf(scheme: string, rest: string): ObjectPlace {
	const [bucket = "", ...prefix] = partsOf(scheme, rest);
	if (!NAME.test(bucket)) throw formError(`${scheme}// names no bucket`);
	return { bucket, prefix: prefixOf(prefix) };
}

function blobPlaceOf(rest: string): BlobPlace {
	const [account = "", container = "", ...prefix] = partsOf("azblob:", rest);
	if (!NAME.test(account) || !isContainer(container)) throw formError("azblob:// names no account and container");
	return { accountUrl: `https://${account}.blob.core.windows.net`, container, prefix: prefixOf(prefix) };
}

function blobPlaceOfUrl(spec: string): BlobPlace {
	const url = URL.parse(spec);
	if (url === null || !url.hostname.includes(".blob.") || url.username !== "" || url.password !== "") {
		throw formError("an https: address must be that of a container of Azure Blob Storage");
	}
	const [container = "", ...prefix] = decodedPath(url).split("/").slice(1);
	if (!isContainer(container)) throw formError("the https: address names no container");
	const signature = url.search.slice(1);
	return { accountUrl: url.origin, container, prefix: prefixOf(prefix), ...(signature === "" ? {} : { signature }) };
}

function decodedPath({ pathname }: URL): string {
	try {
		return decodeURIComponent(pathname);
	} catch {
		throw formError("the https: address is not well encoded");
	}
}

function isContainer(name: string): boolean {
	return name === "$root" || NAME.test(name);
}

function partsOf(scheme: string, rest: string): readonly string[] {
	if (!rest.startsWith("//")) throw formError(`${scheme} needs two slashes after it`);
	return rest.slice(2).split("/");
}

/** Steps such as ".." are refused: clients and proxies would take them for moves in a path. */
function prefixOf(parts: readonly string[]): string {
	const kept = parts.at(-1) === "" ? parts.slice(0, -1) : parts;
	const prefix = kept.join("/");
	if (kept.some((part) => /^\.{0,2}$/.test(part)) || /[\p{Cc}?#]/u.test(prefix) || !prefix.isWellFormed()) {
		throw formError("the prefix has an empty part, a step or a character that cannot be in a name");
	}
	if (Buffer.byteLength(prefix) > PREFIX_BYTES_MAX) throw formError(`the prefix is longer than ${PREFIX_BYTES_MAX} bytes`);
	return prefix;
}

function formError(what: string): CollectorError {
	return new CollectorError("CONFIG_INVALID", `cannot tell where checkpoints are kept, ${what}: write ${FORMS}`);
}
