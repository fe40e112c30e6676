/** The call itself: operation, API group and version, bodies. */

import type { AuditEvent, ObjectRef, ResponseStatus } from "../contract/audit-event.ts";
import type { RawJson } from "../contract/json.ts";
import type { OcsfApi } from "../contract/ocsf-event.ts";
import { exactAt, members, objectAt, type Piece, tree } from "../json/pieces.ts";
import { isNullText } from "../json/raw.ts";
import { rememberEach, rememberTexts } from "../json/remember.ts";
import { containersOf } from "./containers.ts";
import { sparse } from "./sparse.ts";

const SERVICE = members<Pick<OcsfApi, "service">>({ service: { name: "kube-apiserver" } });

export function apiOf(event: AuditEvent, operation: string, uid: string): Piece<{ readonly api: OcsfApi }> {
	const { objectRef, auditID = uid } = event;
	return objectAt(
		"api",
		operationOf(operation),
		objectRef && versionOf(objectRef),
		SERVICE,
		objectAt("request", members({ uid: auditID }), ...bodyPieces(event.requestObject)),
		responseOf(event),
	);
}

const operationOf = rememberTexts((operation) => members({ operation }));

const versionOf = rememberEach(({ apiGroup, apiVersion }: ObjectRef) =>
	members(sparse<Pick<OcsfApi, "version" | "group">>({ version: apiVersion, group: apiGroup ? { name: apiGroup } : undefined })),
);

type Response = NonNullable<OcsfApi["response"]>;

function responseOf({ responseStatus, responseObject }: AuditEvent): Piece<{ readonly response: Response }> | undefined {
	const result = responseStatus && resultOf(responseStatus);
	if (result === undefined && bodyOf(responseObject) === undefined) return undefined;
	return objectAt("response", result, ...bodyPieces(responseObject));
}

/** Undefined if the status says nothing of the kind. */
const resultOf = rememberEach(
	({ code, reason, message }: ResponseStatus): Piece<Pick<Response, "code" | "error" | "message">> | undefined =>
		code === undefined && reason === undefined && message === undefined
			? undefined
			: members(sparse<Pick<Response, "code" | "error" | "message">>({ code, error: reason, message })),
);

type Body = readonly [Piece<Pick<Response, "containers">> | undefined, Piece<{ readonly data: RawJson }> | undefined];

const NO_BODY: Body = [undefined, undefined];

/** What people look at first, and then the body itself. */
function bodyPieces(exact: RawJson | undefined): Body {
	const body = bodyOf(exact);
	if (body === undefined) return NO_BODY;
	const containers = containersOf(body);
	return [containers && members({ containers }), exactAt("data", body)];
}

/** A body of `null` would be no value to an OCSF consumer. */
function bodyOf(body: RawJson | undefined): RawJson | undefined {
	return body === undefined || isNullText(body) ? undefined : body;
}

/** A body of `null`, which `api` does not say. */
export function bodyLeftovers(event: AuditEvent, member: "requestObject" | "responseObject"): Piece | undefined {
	const body = event[member];
	return body !== undefined && isNullText(body) ? tree({ [member]: null }) : undefined;
}

/** What of the status the response cannot say. */
export const statusLeftovers = rememberEach((responseStatus: ResponseStatus) => {
	const { status, metadata, details } = responseStatus;
	const left = { ...(status !== undefined && { status }), ...(metadata && { metadata }), ...(details && { details }) };
	const isLeft = Object.keys(left).length > 0 || Object.keys(responseStatus).length === 0;
	return tree(isLeft ? { responseStatus: left } : {});
});
