/** The public API: the contracts, the connectors, and replay. Nothing else is promised. */

export type * from "./contract/audit-event.ts";
export type * from "./contract/checkpoint.ts";
export type * from "./contract/connector.ts";
export type * from "./contract/decode.ts";
export { CollectorError, ERRORS, type ErrorCode } from "./contract/errors.ts";
export type * from "./contract/json.ts";
export type * from "./contract/ocsf-event.ts";
export type * from "./contract/record.ts";
export type * from "./contract/route.ts";
export type * from "./contract/sink.ts";
export { restoreAuditEvent } from "./normalise/restore.ts";
export { CONNECTORS } from "./run/registry.ts";
export { type ReplayOptions, type ReplayResult, replay } from "./run/replay.ts";
