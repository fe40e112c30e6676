/** The simulator's side of identity: hands out temporary credentials as STS and container agents do, and looks at who signed a request. */

import { randomBytes } from "node:crypto";
import type { WireReply, WireRequest } from "../../src/simulation/wire.ts";
import { type ServiceError, serviceError } from "./service-error.ts";

export interface DeskSettings {
	/** What AssumeRole must bring; absent: nothing. */
	readonly externalId?: string;
	/** The Authorization header that the container agent asks for; absent: none. */
	readonly containerToken?: string;
	/** Whether roles may be assumed; absent: yes. */
	readonly mayAssume?: () => boolean;
	/** Absent: an hour. */
	readonly credentialLifeMs?: number;
}

export interface Desk {
	/** The Region that a request was signed for. Throws what the service answers to one that is not signed as it ought to be. */
	authenticate(request: WireRequest, service: "logs" | "sts"): string;
	/** Answers AssumeRole and AssumeRoleWithWebIdentity. */
	answerSts(request: WireRequest): WireReply;
	/** Answers what AWS_CONTAINER_CREDENTIALS_FULL_URI points to. */
	answerContainer(request: WireRequest): WireReply;
	/** All that was handed out so far has expired, whatever it says of its end. */
	expireAll(): void;
	/** Credentials handed out so far. */
	issued(): number;
}

/** Long-lived keys that the simulator takes from anybody. */
export const SIMULATED_KEY = { accessKeyId: "AKIASIMULATED0000000", secretAccessKey: "a-simulated-secret" } as const;

interface Issued {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string;
	readonly expiresAtMs: number;
}

const HOUR_MS = 3_600_000;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html: a signature is good for 5 minutes. */
const SIGNATURE_LIFE_MS = 300_000;
const AUTHORIZATION =
	/^AWS4-HMAC-SHA256 Credential=(?<key>[A-Z0-9]+)\/\d{8}\/(?<region>[a-z0-9-]+)\/(?<service>[a-z0-9-]+)\/aws4_request, ?SignedHeaders=(?<headers>[a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/;
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** `now` is the service's clock. */
export function createDesk(now: () => number, settings: DeskSettings): Desk {
	const held = new Map<string, Issued>();
	let expiredBelow = 0;
	let count = 0;

	function issue(): Issued {
		const issued: Issued = {
			accessKeyId: `ASIA${String(count++).padStart(16, "0")}`,
			secretAccessKey: randomBytes(20).toString("hex"),
			sessionToken: randomBytes(32).toString("base64"),
			expiresAtMs: now() + (settings.credentialLifeMs ?? HOUR_MS),
		};
		held.set(issued.accessKeyId, issued);
		return issued;
	}

	function checkKey(accessKeyId: string, sessionToken: string | undefined): void {
		if (accessKeyId === SIMULATED_KEY.accessKeyId) return;
		const issued = held.get(accessKeyId);
		if (issued === undefined || issued.sessionToken !== sessionToken)
			throw serviceError("UnrecognizedClientException", "The security token included in the request is invalid.");
		const isExpired = Number(accessKeyId.slice(4)) < expiredBelow || issued.expiresAtMs <= now();
		if (isExpired) throw serviceError("ExpiredTokenException", "The security token included in the request is expired");
	}

	function authenticate({ headers }: WireRequest, service: "logs" | "sts"): string {
		const authorization = headers["authorization"];
		if (authorization === undefined) throw serviceError("MissingAuthenticationTokenException", "Missing Authentication Token");
		const { key = "", region = "", service: scope, headers: signed = "" } = AUTHORIZATION.exec(authorization)?.groups ?? {};
		if (!["host", "x-amz-date"].every((name) => signed.split(";").includes(name)))
			throw serviceError("IncompleteSignatureException", "Authorization header requires Credential, SignedHeaders and Signature.");
		if (scope !== service) throw serviceError("InvalidSignatureException", `Credential should be scoped to correct service: '${service}'.`);
		checkTime(headers["x-amz-date"] ?? "", now());
		checkKey(key, headers["x-amz-security-token"]);
		return region;
	}

	return {
		authenticate,
		answerSts(request) {
			const form = new URLSearchParams(request.body.toString("utf8"));
			const action = form.get("Action") ?? "";
			try {
				if (action === "AssumeRole") authenticate(request, "sts");
				else if (action !== "AssumeRoleWithWebIdentity") throw serviceError("InvalidAction", "Could not find the operation");
				else if (!form.get("WebIdentityToken")) throw serviceError("InvalidIdentityToken", "No token");
				checkTrust(action, form, settings);
				return xml(200, assumed(action, form.get("RoleArn") ?? "", issue()));
			} catch (error) {
				const { name, message, $metadata } = error as ServiceError;
				const status = name === "AccessDenied" ? 403 : $metadata.httpStatusCode;
				return xml(
					status,
					`<ErrorResponse ${XMLNS}><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`,
				);
			}
		},
		answerContainer({ headers }) {
			if (settings.containerToken !== undefined && headers["authorization"] !== settings.containerToken)
				return json(401, { code: "Unauthorized" });
			const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = issue();
			const Expiration = new Date(expiresAtMs).toISOString();
			return json(200, { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration });
		},
		expireAll() {
			expiredBelow = count;
		},
		issued: () => count,
	};
}

function checkTime(amzDate: string, nowMs: number): void {
	const signedAtMs = Date.parse(amzDate.replace(AMZ_DATE, "$1-$2-$3T$4:$5:$6Z"));
	if (Math.abs(signedAtMs - nowMs) <= SIGNATURE_LIFE_MS) return;
	throw serviceError(
		"InvalidSignatureException",
		`Signature expired: ${amzDate} is now earlier than ${new Date(nowMs - SIGNATURE_LIFE_MS).toISOString()}`,
	);
}

function checkTrust(action: string, form: URLSearchParams, { externalId, mayAssume }: DeskSettings): void {
	const isTrusted = (externalId === undefined || form.get("ExternalId") === externalId) && mayAssume?.() !== false;
	if (isTrusted) return;
	const user = "arn:aws:iam::123456789012:user/collector";
	throw serviceError("AccessDenied", `User: ${user} is not authorized to perform: sts:${action} on resource: ${form.get("RoleArn")}`);
}

const XMLNS = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

function assumed(action: string, roleArn: string, { accessKeyId, secretAccessKey, sessionToken, expiresAtMs }: Issued): string {
	const user = `${roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/session`;
	const credentials = [
		`<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>`,
		`<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(expiresAtMs).toISOString()}</Expiration>`,
	].join("");
	return [
		`<${action}Response ${XMLNS}><${action}Result><Credentials>${credentials}</Credentials>`,
		`<AssumedRoleUser><Arn>${user}</Arn><AssumedRoleId>AROASIMULATED:session</AssumedRoleId></AssumedRoleUser></${action}Result>`,
		`<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></${action}Response>`,
	].join("");
}

function xml(status: number, body: string): WireReply {
	return { status, headers: { "content-type": "text/xml" }, body };
}

function json(status: number, body: object): WireReply {
	return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
