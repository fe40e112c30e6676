/** The public API: the contracts, the connectors, replay, and the loop for connectors of your own. Nothing else is promised. */

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
export { createAttempt } from "./pull/attempts.ts";
export type { List, Listed, ListedRecord, Window } from "./pull/listing.ts";
export { pull } from "./pull/pull.ts";
export { createShared } from "./pull/shared.ts";
export type { PullRequest } from "./pull/state.ts";
export { DEFAULT_TIMING } from "./pull/timing.ts";
export { CONNECTORS } from "./run/registry.ts";
export { type ReplayOptions, type ReplayResult, replay } from "./run/replay/replay.ts";
