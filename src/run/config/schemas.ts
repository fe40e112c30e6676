/** The ways in which events can be written. */

export const SCHEMAS = ["ocsf", "audit", "ecs"] as const;
export type Schema = (typeof SCHEMAS)[number];
