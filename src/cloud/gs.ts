/** Objects of Google Cloud Storage by its JSON API, with the credentials of google-auth-library: one attempt a call. */

import type { AuthClient } from "google-auth-library";
import { joined, OBJECT_TIMEOUT_MS, type ObjectClient, type ObjectClientOptions, type ObjectPlace, textOf, within } from "./objects.ts";
import { type Refusal, refusalOf, refused } from "./refusal.ts";

export interface GsOptions extends ObjectClientOptions {
	/** Absent: application default credentials. */
	readonly authClient?: AuthClient;
}

const ENDPOINT = "https://storage.googleapis.com";
const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
/** Writing over an object asks for the permission to delete it. */
const PERMISSIONS = {
	get: "storage.objects.get and storage.objects.list on the bucket",
	put: "storage.objects.create and storage.objects.delete on the bucket (role Storage Object User)",
};

/** Throws nothing: credentials are looked for with the first call. Preconditions: https://cloud.google.com/storage/docs/request-preconditions */
export async function openGsObjects(place: ObjectPlace, options: GsOptions = {}): Promise<ObjectClient> {
	const { endpoint = ENDPOINT, timeoutMs = OBJECT_TIMEOUT_MS } = options;
	const agent = options.httpsAgent === undefined ? {} : { agent: options.httpsAgent };
	const clientOf = await createClientOf(options);
	const bucket = encodeURIComponent(place.bucket);
	const keyOf = (name: string): string => encodeURIComponent(joined(place.prefix, name));

	return {
		addressOf: (name) => `gs://${place.bucket}/${joined(place.prefix, name)}`,
		async get(name) {
			const url = `${endpoint}/storage/v1/b/${bucket}/o/${keyOf(name)}?alt=media`;
			try {
				return await within(timeoutMs, async (signal) => {
					const client = await clientOf();
					const answer = await client.request<AsyncIterable<Uint8Array>>({ url, responseType: "stream", retry: false, signal, ...agent });
					const version = answer.headers.get("x-goog-generation");
					if (version === null) return refused(true, "the answer has no generation");
					return { status: "found", text: await textOf(answer.data), version };
				});
			} catch (error) {
				return isMissingObject(error) ? { status: "missing" } : refusal(error, place, "get");
			}
		},
		async put(name, text, expected) {
			// Generation 0 stands for "no object".
			const query = `uploadType=media&name=${keyOf(name)}&ifGenerationMatch=${encodeURIComponent(expected ?? "0")}`;
			const url = `${endpoint}/upload/storage/v1/b/${bucket}/o?${query}`;
			const request = { url, method: "POST", headers: { "content-type": "application/json" }, data: text, retry: false, ...agent };
			try {
				const answer = await within(timeoutMs, async (signal) =>
					(await clientOf()).request<unknown>({ ...request, responseType: "json", signal }),
				);
				const { generation } = (answer.data ?? {}) as { generation?: unknown };
				return typeof generation === "string" ? { status: "stored", version: generation } : refused(true, "the answer has no generation");
			} catch (error) {
				const { status } = (error as GsError).response ?? {};
				return status === 412 || status === 409 ? { status: "conflict" } : refusal(error, place, "put");
			}
		},
		async [Symbol.asyncDispose]() {},
	};
}

async function createClientOf({ authClient, httpsAgent }: GsOptions): Promise<() => Promise<AuthClient>> {
	if (authClient !== undefined) return async () => authClient;
	const { GoogleAuth } = await import("google-auth-library");
	const clientOptions = httpsAgent === undefined ? {} : { clientOptions: { transporterOptions: { agent: httpsAgent } } };
	const auth = new GoogleAuth({ scopes: [SCOPE], ...clientOptions });
	return () => auth.getClient();
}

interface GsError {
	readonly message?: string;
	readonly code?: string | number;
	readonly response?: { readonly status: number; readonly headers: Headers; readonly data?: unknown };
}

/** The service says 404 of a bucket too, and tells them apart in words only. */
function isMissingObject(error: unknown): boolean {
	return (error as GsError).response?.status === 404 && !/bucket does not exist/i.test(answerOf(error as GsError));
}

/** What the service said: parsed, or, of a call whose answer is a stream, in the error's message. */
function answerOf({ response, message = "" }: GsError): string {
	return response?.data === undefined ? message : JSON.stringify(response.data);
}

function refusal(error: unknown, { bucket }: ObjectPlace, call: "get" | "put"): Refusal {
	const { message = "", code, response } = error as GsError;
	const text = answerOf(error as GsError);
	const missing = /\bstorage\.[a-z]+\.[a-z]+\b/i.exec(text)?.[0];
	const reason = /"reason":\s*"([A-Za-z]+)"/.exec(text)?.[1];
	return refusalOf(
		{
			httpStatus: response?.status,
			code: reason ?? (typeof code === "string" ? code : ""),
			text: message,
			retryAfter: response?.headers.get("retry-after"),
		},
		{
			permissions: missing === undefined ? PERMISSIONS[call] : `${missing} (needed in all: ${PERMISSIONS[call]})`,
			bucket: `bucket ${bucket}`,
			badCredentials: /^authError$/,
			passing: /^(?:backendError|internalError|rateLimitExceeded|userRateLimitExceeded)$/,
		},
	);
}
