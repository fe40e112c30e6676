/** Objects of Amazon S3, and of stores that speak its protocol and honour If-Match: one attempt a call, the SDK loaded on demand. */

import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { CollectorError } from "../contract/errors.ts";
import { joined, OBJECT_TIMEOUT_MS, type ObjectClient, type ObjectClientOptions, type ObjectPlace, textOf, within } from "./objects.ts";
import { type Refusal, refusalOf, refused } from "./refusal.ts";

export interface S3Options extends ObjectClientOptions {
	/** Absent: as the AWS SDK finds it (environment, profile). */
	readonly region?: string;
	/** Absent: the AWS SDK's chain. */
	readonly credentials?: NonNullable<S3ClientConfig["credentials"]>;
	/** `https://host/bucket/name` instead of `https://bucket.host/name`. Absent: if an endpoint is given. */
	readonly pathStyle?: boolean;
}

const BAD_CREDENTIALS = /^(?:InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken)$/;
/** The SDK corrects its clock, and fetches new credentials, before the next call. */
const PASSING = /^(?:RequestTimeTooSkewed|ExpiredToken|RequestTimeout|ConditionalRequestConflict)$/;
const PERMISSIONS = {
	// Without ListBucket, S3 answers 403 for an object that does not exist: the first load of every key.
	get: "s3:GetObject on the objects and s3:ListBucket on the bucket",
	put: "s3:PutObject and s3:GetObject on the objects",
};

/** Throws CONFIG_INVALID if no region is known. Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export async function openS3Objects(place: ObjectPlace, options: S3Options = {}): Promise<ObjectClient> {
	const { GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
	const client = new S3Client(configOf(options));
	await assertRegion(client, place);
	const { timeoutMs = OBJECT_TIMEOUT_MS } = options;
	const idOf = (name: string) => ({ Bucket: place.bucket, Key: joined(place.prefix, name) });

	return {
		addressOf: (name) => `s3://${place.bucket}/${joined(place.prefix, name)}`,
		async get(name) {
			try {
				return await within(timeoutMs, async (abortSignal) => {
					const { Body, ETag } = await client.send(new GetObjectCommand(idOf(name)), { abortSignal });
					if (Body === undefined || ETag === undefined) return refused(true, "the answer has no ETag");
					return { status: "found", text: await textOf(Body as AsyncIterable<Uint8Array>), version: ETag };
				});
			} catch (error) {
				return nameOf(error) === "NoSuchKey" ? { status: "missing" } : refusal(error, place, "get");
			}
		},
		async put(name, text, expected) {
			const condition = expected === undefined ? { IfNoneMatch: "*" } : { IfMatch: expected };
			const command = new PutObjectCommand({ ...idOf(name), ...condition, Body: text, ContentType: "application/json" });
			try {
				const { ETag } = await within(timeoutMs, (abortSignal) => client.send(command, { abortSignal }));
				return ETag === undefined ? refused(true, "the answer has no ETag") : { status: "stored", version: ETag };
			} catch (error) {
				return isConflict(error) ? { status: "conflict" } : refusal(error, place, "put");
			}
		},
		async [Symbol.asyncDispose]() {
			client.destroy();
		},
	};
}

function configOf({ region, endpoint, credentials, pathStyle, httpsAgent }: S3Options): S3ClientConfig {
	return {
		...(region === undefined ? {} : { region }),
		...(endpoint === undefined ? {} : { endpoint }),
		...(credentials === undefined ? {} : { credentials }),
		...(httpsAgent === undefined ? {} : { requestHandler: { httpsAgent } }),
		forcePathStyle: pathStyle ?? endpoint !== undefined,
		followRegionRedirects: endpoint === undefined,
		maxAttempts: 1,
		// The signature covers the body already; older stores of other makers refuse the newer checksums.
		requestChecksumCalculation: "WHEN_REQUIRED",
		responseChecksumValidation: "WHEN_REQUIRED",
	};
}

async function assertRegion(client: S3Client, { bucket }: ObjectPlace): Promise<void> {
	try {
		await client.config.region();
	} catch {
		client.destroy();
		throw new CollectorError("CONFIG_INVALID", `cannot use s3://${bucket}: no AWS Region is known, name the bucket's Region`);
	}
}

interface S3Error {
	readonly name?: string;
	readonly message?: string;
	readonly $metadata?: { readonly httpStatusCode?: number };
	readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function nameOf(error: unknown): string {
	return (error as S3Error).name ?? "";
}

/** 412: the version is another. 409: another write is under way. 404 of the object: it was removed since. */
function isConflict(error: unknown): boolean {
	const status = (error as S3Error).$metadata?.httpStatusCode;
	return status === 412 || status === 409 || (status === 404 && nameOf(error) === "NoSuchKey");
}

function refusal(error: unknown, { bucket }: ObjectPlace, call: "get" | "put"): Refusal {
	const { name = "", message = "", $metadata, $response } = error as S3Error;
	// S3 names the very action, which may be one on the key that encrypts the bucket.
	const missing = /\bto perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1];
	// What is no XML, such as a proxy's page, bears the parser's name instead of a code.
	const code = name === "SyntaxError" ? "" : name;
	return refusalOf(
		{ httpStatus: $metadata?.httpStatusCode, code, text: message, retryAfter: $response?.headers?.["retry-after"] },
		{
			permissions: missing === undefined ? PERMISSIONS[call] : `${missing} (needed in all: ${PERMISSIONS[call]})`,
			bucket: `bucket ${bucket}`,
			badCredentials: BAD_CREDENTIALS,
			passing: PASSING,
		},
	);
}
