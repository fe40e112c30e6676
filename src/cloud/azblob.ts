/** Objects of Azure Blob Storage: one attempt a call, the SDKs loaded on demand. */

import type { TokenCredential } from "@azure/identity";
import type { ContainerClient, RequestPolicyFactory } from "@azure/storage-blob";
import { joined, OBJECT_TIMEOUT_MS, type ObjectClient, type ObjectClientOptions, textOf, within } from "./objects.ts";
import { type Refusal, refusalOf, refused } from "./refusal.ts";

export interface BlobPlace {
	/** `https://<account>.blob.core.windows.net`, or that of another cloud. */
	readonly accountUrl: string;
	readonly container: string;
	/** Without slashes at its ends; may be empty. */
	readonly prefix: string;
	/** The query of a shared access signature, without "?". A secret. */
	readonly signature?: string;
}

/** `endpoint` stands for the account's address. */
export interface BlobOptions extends ObjectClientOptions {
	/** Absent: the signature, or else DefaultAzureCredential. */
	readonly credential?: TokenCredential;
}

const PERMISSIONS = (() => {
	const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
	const remedy = "(role Storage Blob Data Contributor), and let the account's network rules admit this address";
	return { get: `${blobs}/read ${remedy}`, put: `${blobs}/write and ${blobs}/add/action ${remedy}` };
})();

/** Throws nothing: credentials are looked for with the first call. Conditions: https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations */
export async function openBlobs(place: BlobPlace, options: BlobOptions = {}): Promise<ObjectClient> {
	const { endpoint = place.accountUrl, timeoutMs = OBJECT_TIMEOUT_MS } = options;
	const containerUrl = `${endpoint}/${place.container}`;
	const container = await createContainer(containerUrl, place.signature, options);
	const blobOf = (name: string) => container.getBlockBlobClient(joined(place.prefix, name));

	return {
		addressOf: (name) => `${containerUrl}/${joined(place.prefix, name)}`,
		async get(name) {
			try {
				return await within(timeoutMs, async (abortSignal) => {
					const { etag, readableStreamBody } = await blobOf(name).download(0, undefined, { abortSignal, maxRetryRequests: 0 });
					if (etag === undefined || readableStreamBody === undefined) return refused(true, "the answer has no ETag");
					return { status: "found", text: await textOf(readableStreamBody as AsyncIterable<Buffer>), version: etag };
				});
			} catch (error) {
				return codeOf(error) === "BlobNotFound" ? { status: "missing" } : refusal(error, containerUrl, "get");
			}
		},
		async put(name, text, expected) {
			const conditions = expected === undefined ? { ifNoneMatch: "*" } : { ifMatch: expected };
			const blobHTTPHeaders = { blobContentType: "application/json" };
			try {
				const { etag } = await within(timeoutMs, (abortSignal) =>
					blobOf(name).upload(text, Buffer.byteLength(text), { abortSignal, conditions, blobHTTPHeaders }),
				);
				return etag === undefined ? refused(true, "the answer has no ETag") : { status: "stored", version: etag };
			} catch (error) {
				return isConflict(error) ? { status: "conflict" } : refusal(error, containerUrl, "put");
			}
		},
		async [Symbol.asyncDispose]() {},
	};
}

async function createContainer(url: string, signature: string | undefined, options: BlobOptions): Promise<ContainerClient> {
	const { credential, httpsAgent } = options;
	const { AnonymousCredential, ContainerClient, newPipeline } = await import("@azure/storage-blob");
	const signed = signature !== undefined && credential === undefined;
	const identity = signed ? new AnonymousCredential() : (credential ?? new (await import("@azure/identity")).DefaultAzureCredential());
	const pipeline = newPipeline(identity, { retryOptions: { maxTries: 1 } });
	if (httpsAgent !== undefined) pipeline.factories.push(withAgent(httpsAgent));
	return new ContainerClient(signed ? `${url}?${signature}` : url, pipeline);
}

function withAgent(agent: NonNullable<BlobOptions["httpsAgent"]>): RequestPolicyFactory {
	return {
		create: (next) => ({
			sendRequest(request) {
				request.agent = agent;
				return next.sendRequest(request);
			},
		}),
	};
}

interface BlobError {
	readonly name?: string;
	readonly code?: string;
	readonly message?: string;
	readonly statusCode?: number;
	readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

function codeOf(error: unknown): string {
	const { code, name } = error as BlobError;
	return code ?? name ?? "";
}

/** 409: there is a blob, or another write is under way. 412: it has another ETag. 404 of the blob: it was removed since. */
function isConflict(error: unknown): boolean {
	const { statusCode } = error as BlobError;
	return statusCode === 412 || statusCode === 409 || (statusCode === 404 && codeOf(error) === "BlobNotFound");
}

function refusal(error: unknown, containerUrl: string, call: "get" | "put"): Refusal {
	const { message = "", statusCode, response } = error as BlobError;
	return refusalOf(
		{ httpStatus: statusCode, code: codeOf(error), text: message, retryAfter: response?.headers?.get("retry-after") },
		{
			permissions: PERMISSIONS[call],
			bucket: `container ${containerUrl}`,
			badCredentials: /^(?:AuthenticationFailed|InvalidAuthenticationInfo|NoAuthenticationInformation)$/,
			passing: /^(?:ServerBusy|OperationTimedOut|InternalError|ContainerBeingDeleted)$/,
		},
	);
}
