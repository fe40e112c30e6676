/** Who gives tokens in the simulated cloud: OAuth's and STS's token services, and a metadata server; and who looks at them. */

import { asRecord, parseOrNone } from "../../src/json/value.ts";
import type { WireReply, WireRequest } from "../../src/simulation/wire.ts";
import { type Refusal, refusal } from "./model-refusal.ts";

export interface IdentityOptions {
	/** Epoch milliseconds. */
	readonly now: () => number;
	/** Until a token that is given ends. */
	readonly tokenLifeS?: number;
	/** Of the metadata server. */
	readonly project?: string;
	/** Refresh tokens, signed claims and subject tokens are not looked at, unless they are this text, which is refused. */
	readonly refusedSecret?: string;
}

export interface Identity {
	/** The answer to a request for a token or for metadata; undefined if it is for something else. */
	answer(request: WireRequest): WireReply | undefined;
	/** Why a call is refused, if it is. Tokens that signed themselves are only asked for their end. */
	objectionTo(request: Pick<WireRequest, "headers">): Refusal | undefined;
	/** Ends all tokens that were given. */
	expire(): void;
	/** Tokens given so far. */
	given(): number;
}

const TOKEN_LIFE_S = 3_600;
const METADATA = "/computeMetadata/v1/";
const TOKEN_PATHS: ReadonlySet<string> = new Set(["/token", "/v1/token"]);
const FLAVOR = "metadata-flavor";

export function createIdentity({ now, tokenLifeS = TOKEN_LIFE_S, project = "example", refusedSecret }: IdentityOptions): Identity {
	const endsAtMs = new Map<string, number>();
	let given = 0;

	function token(): WireReply {
		const access = `ya29.simulated-${++given}`;
		endsAtMs.set(access, now() + tokenLifeS * 1000);
		const issued = "urn:ietf:params:oauth:token-type:access_token";
		return json(200, { access_token: access, expires_in: tokenLifeS, token_type: "Bearer", issued_token_type: issued });
	}

	function metadata(path: string): WireReply {
		if (path.startsWith("instance/service-accounts/default/token")) return token();
		if (path === "project/project-id") return text(200, project);
		if (path === "universe/universe-domain") return text(200, "googleapis.com");
		return path === "instance" || path === "instance/" ? text(200, "service-accounts/") : text(404, "not found");
	}

	return {
		answer({ method, path, headers, body }) {
			const [place = ""] = path.split("?");
			if (place.startsWith(METADATA)) {
				const reply =
					headers[FLAVOR] === "Google" ? metadata(path.slice(METADATA.length)) : text(403, "Missing Metadata-Flavor:Google header.");
				return { ...reply, headers: { ...reply.headers, [FLAVOR]: "Google" } };
			}
			if (method !== "POST" || !TOKEN_PATHS.has(place)) return undefined;
			const isRefused = refusedSecret !== undefined && [...new URLSearchParams(String(body)).values()].includes(refusedSecret);
			return isRefused ? json(400, { error: "invalid_grant", error_description: "Bad Request" }) : token();
		},
		objectionTo({ headers }) {
			const bearer = /^Bearer (\S+)$/.exec(headers["authorization"] ?? "")?.[1];
			if (bearer === undefined)
				return refusal("unauthenticated", "Request is missing required authentication credential.", { reason: "CREDENTIALS_MISSING" });
			const endMs = endsAtMs.get(bearer) ?? endOfClaims(bearer);
			return endMs > now() ? undefined : refusal("unauthenticated", "Request had invalid authentication credentials.");
		},
		expire: () => endsAtMs.clear(),
		given: () => given,
	};
}

function endOfClaims(bearer: string): number {
	const claims = asRecord(parseOrNone(Buffer.from(bearer.split(".")[1] ?? "", "base64url")));
	return typeof claims["exp"] === "number" ? claims["exp"] * 1000 : 0;
}

function json(status: number, value: object): WireReply {
	return { status, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify(value) };
}

function text(status: number, body: string): WireReply {
	return { status, headers: { "content-type": "application/text" }, body };
}
