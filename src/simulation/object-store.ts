/** Simulated object stores on loopback: the reads and conditional writes of Amazon S3, Google Cloud Storage and Azure Blob Storage. */

import { createHash } from "node:crypto";
import { type SocketFault, serveWire, type WireOptions, type WireReply, type WireRequest } from "./wire.ts";

/** Whose protocol is spoken. */
type ObjectDialect = "s3" | "gs" | "azblob";

/**
 * What befalls one request. `reset`, `lost`, `cut`, `silence` and `bad-gateway` are the wire's; after `unanswered`, as after
 * `lost`, the service has done what it was asked, but no answer comes at all. `busy-object`: another write of the same
 * object is under way (409). `bare` is a success without the object's version.
 */
export type ObjectFault =
	| SocketFault
	| "unanswered"
	| "throttle"
	| "unavailable"
	| "denied"
	| "expired"
	| "no-bucket"
	| "busy-object"
	| "bare";

interface StoredObject {
	body: Buffer;
	/** As the dialect writes it: an ETag, or a generation. */
	version: string;
}

export interface SimulatedObjects extends AsyncDisposable {
	readonly url: string;
	/** By name, without the bucket. May be changed from outside. */
	readonly objects: Map<string, StoredObject>;
	/** Faults of the requests to come, one each, in order; undefined: that one goes well. */
	readonly plan: (ObjectFault | undefined)[];
	requests(): number;
}

export interface SimulatedObjectsOptions {
	readonly dialect: ObjectDialect;
	/** The only one there is. */
	readonly bucket: string;
	readonly tls?: NonNullable<WireOptions["tls"]>;
}

const ON_THE_WIRE: ReadonlySet<ObjectFault> = new Set(["reset", "lost", "cut", "silence", "bad-gateway"]);
const RETRY_AFTER = { "retry-after": "7" };

/** What a request asks, whatever the dialect. `expected`: the version that must be there; null: no object must be there. */
interface Ask {
	readonly operation: "get" | "put";
	readonly bucket: string;
	readonly name: string;
	readonly expected: string | null | undefined;
	readonly isSigned: boolean;
}

/** What became of it. */
type Outcome =
	| "found"
	| "stored"
	| "absent"
	| "exists"
	| "mismatch"
	| "no-bucket"
	| "denied"
	| "expired"
	| "throttle"
	| "unavailable"
	| "busy-object";

interface Dialect {
	ask(request: WireRequest): Ask;
	/** A version that no write had before. */
	version(body: Buffer, write: number): string;
	reply(outcome: Outcome, object: StoredObject | undefined, operation: "get" | "put"): WireReply;
}

export async function serveObjects({ dialect: name, bucket, tls }: SimulatedObjectsOptions): Promise<SimulatedObjects> {
	const dialect = DIALECTS[name];
	const objects = new Map<string, StoredObject>();
	const plan: (ObjectFault | undefined)[] = [];
	let writes = 0;
	let fault: ObjectFault | undefined;

	function outcomeOf(ask: Ask, body: Buffer): Outcome {
		if (!ask.isSigned) return "expired";
		if (fault !== undefined && isOutcome(fault)) return fault;
		if (ask.bucket !== bucket) return "no-bucket";
		const object = objects.get(ask.name);
		if (ask.operation === "get") return object === undefined ? "absent" : "found";
		if (ask.expected === null && object !== undefined) return "exists";
		if (typeof ask.expected === "string" && object?.version !== ask.expected) return object === undefined ? "absent" : "mismatch";
		objects.set(ask.name, { body, version: dialect.version(body, ++writes) });
		return "stored";
	}

	const wire = await serveWire({
		...(tls === undefined ? {} : { tls }),
		socketFault() {
			fault = plan.shift();
			return fault !== undefined && ON_THE_WIRE.has(fault) ? (fault as SocketFault) : undefined;
		},
		answer(request) {
			const ask = dialect.ask(request);
			const outcome = outcomeOf(ask, request.body);
			if (fault === "unanswered") return new Promise(() => {});
			const reply = dialect.reply(outcome, objects.get(ask.name), ask.operation);
			return fault === "bare" ? { status: reply.status, body: "" } : reply;
		},
	});
	return { url: wire.url, objects, plan, requests: wire.requests, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() };
}

function isOutcome(fault: ObjectFault): fault is ObjectFault & Outcome {
	return ["denied", "expired", "no-bucket", "throttle", "unavailable", "busy-object"].includes(fault);
}

/** "/bucket/some/name?query" -> its two parts, decoded. */
function pathOf(request: WireRequest): readonly [bucket: string, name: string] {
	const [bucket = "", ...name] = new URL(request.path, "http://loopback").pathname.slice(1).split("/");
	return [decodeURIComponent(bucket), decodeURIComponent(name.join("/"))];
}

/** S3's and Azure's way; an unconditional write is possible, and what a careless client would do. */
function conditionOf({ headers }: WireRequest): string | null | undefined {
	return headers["if-none-match"] === "*" ? null : headers["if-match"];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; a write under If-Match of what is not there is 404. */
const S3_ERRORS: Readonly<Partial<Record<Outcome, readonly [status: number, code: string, message: string]>>> = {
	absent: [404, "NoSuchKey", "The specified key does not exist."],
	exists: [412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"],
	mismatch: [412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"],
	"no-bucket": [404, "NoSuchBucket", "The specified bucket does not exist"],
	expired: [400, "ExpiredToken", "The provided token has expired."],
	throttle: [503, "SlowDown", "Please reduce your request rate."],
	unavailable: [500, "InternalError", "We encountered an internal error. Please try again."],
	"busy-object": [409, "ConditionalRequestConflict", "Conditional request conflict"],
};

const S3: Dialect = {
	ask(request) {
		const [bucket, name] = pathOf(request);
		const isSigned = request.headers["authorization"]?.startsWith("AWS4-HMAC-SHA256 ") ?? false;
		return { operation: request.method === "PUT" ? "put" : "get", bucket, name, expected: conditionOf(request), isSigned };
	},
	version: (body) => `"${createHash("md5").update(body).digest("hex")}"`,
	reply(outcome, object, operation) {
		if (outcome === "found" || outcome === "stored") return whole(object, operation, 200);
		const action = operation === "get" ? "GetObject" : "PutObject";
		const denied = [
			403,
			"AccessDenied",
			`User: arn:aws:sts::123456789012:assumed-role/collector/i-0 is not authorized to perform: s3:${action}`,
		] as const;
		const [status, code, message] = S3_ERRORS[outcome] ?? denied;
		const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>R1</RequestId></Error>`;
		return { status, headers: { "content-type": "application/xml", ...(status === 503 ? RETRY_AFTER : {}) }, body };
	},
};

/** The two that answer with ETags. */
function whole(object: StoredObject | undefined, operation: "get" | "put", status: number): WireReply {
	const headers = { etag: object?.version ?? "", "content-type": "application/json" };
	return { status, headers, body: operation === "get" && object !== undefined ? object.body : "" };
}

/** https://cloud.google.com/storage/docs/json_api/v1/status-codes */
const GS_ERRORS: Readonly<Partial<Record<Outcome, readonly [status: number, reason: string, message: string]>>> = {
	absent: [412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold."],
	exists: [412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold."],
	mismatch: [412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold."],
	"no-bucket": [404, "notFound", "The specified bucket does not exist."],
	expired: [401, "authError", "Invalid Credentials"],
	throttle: [429, "rateLimitExceeded", "The object exceeded the rate limit for object mutation operations (create, update, and delete)."],
	unavailable: [503, "backendError", "We encountered an internal error. Please try again."],
	"busy-object": [409, "conflict", "The object is being written by another request."],
};

const GS: Dialect = {
	ask(request) {
		const url = new URL(request.path, "http://loopback");
		const isSigned = request.headers["authorization"]?.startsWith("Bearer ") ?? false;
		const [, bucket = "", object = ""] = /^\/(?:upload\/)?storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
		if (request.method === "GET") return { operation: "get", bucket, name: decodeURIComponent(object), expected: undefined, isSigned };
		const generation = url.searchParams.get("ifGenerationMatch");
		const expected = generation === "0" ? null : (generation ?? undefined);
		return { operation: "put", bucket, name: url.searchParams.get("name") ?? "", expected, isSigned };
	},
	version: (_, write) => String(1_700_000_000_000_000 + write),
	reply(outcome, object, operation) {
		if (outcome === "found") return { status: 200, headers: { "x-goog-generation": object?.version ?? "" }, body: object?.body ?? "" };
		if (outcome === "stored") return json(200, { kind: "storage#object", generation: object?.version });
		// A read of what is not there is answered in plain text.
		if (outcome === "absent" && operation === "get")
			return { status: 404, headers: { "content-type": "text/html" }, body: "No such object: bucket/name" };
		const permission = operation === "get" ? "storage.objects.get" : "storage.objects.create";
		const denied = [
			403,
			"forbidden",
			`collector@project.iam.gserviceaccount.com does not have ${permission} access to the Google Cloud Storage object.`,
		] as const;
		const [status, reason, message] = GS_ERRORS[outcome] ?? denied;
		return json(status, { error: { code: status, message, errors: [{ message, domain: "global", reason }] } });
	},
};

function json(status: number, body: unknown): WireReply {
	return {
		status,
		headers: { "content-type": "application/json; charset=UTF-8", ...(status === 429 || status === 503 ? RETRY_AFTER : {}) },
		body: JSON.stringify(body),
	};
}

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
const BLOB_ERRORS: Readonly<Partial<Record<Outcome, readonly [status: number, code: string]>>> = {
	absent: [404, "BlobNotFound"],
	exists: [409, "BlobAlreadyExists"],
	mismatch: [412, "ConditionNotMet"],
	"no-bucket": [404, "ContainerNotFound"],
	denied: [403, "AuthorizationPermissionMismatch"],
	expired: [401, "InvalidAuthenticationInfo"],
	throttle: [503, "ServerBusy"],
	unavailable: [500, "InternalError"],
	"busy-object": [409, "BlobAlreadyExists"],
};

const AZBLOB: Dialect = {
	ask(request) {
		const [bucket, name] = pathOf(request);
		const isSigned = /^(?:Bearer|SharedKey) /.test(request.headers["authorization"] ?? "") || /[?&]sig=/.test(request.path);
		return { operation: request.method === "PUT" ? "put" : "get", bucket, name, expected: conditionOf(request), isSigned };
	},
	version: (_, write) => `"0x8D${write.toString(16).toUpperCase().padStart(13, "0")}"`,
	reply(outcome, object, operation) {
		if (outcome === "found" || outcome === "stored") return whole(object, operation, outcome === "stored" ? 201 : 200);
		const [status, code] = BLOB_ERRORS[outcome === "absent" && operation === "put" ? "mismatch" : outcome] ?? [500, "InternalError"];
		const headers = { "x-ms-error-code": code, "content-type": "application/xml", ...(status === 503 ? RETRY_AFTER : {}) };
		return {
			status,
			headers,
			body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}.\nRequestId:1</Message></Error>`,
		};
	},
};

const DIALECTS: Readonly<Record<ObjectDialect, Dialect>> = { s3: S3, gs: GS, azblob: AZBLOB };
