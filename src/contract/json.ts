/** JSON as this project carries it: parsed where somebody looks inside, exact text everywhere else. */

export type JsonValue = string | number | boolean | null | RawJson | readonly JsonValue[] | JsonObject;

/** An object read from outside: its keys are anybody's, `__proto__` among them. */
export interface JsonObject {
	readonly [key: string]: JsonValue | undefined;
}

/**
 * The exact text of one JSON value: valid UTF-8, valid JSON, no lone surrogate escapes, no surrounding space.
 * JSON.parse would change int64, 1e400, 1.0 and repeated keys; these bytes are written out as they came.
 */
export interface RawJson {
	readonly raw: Uint8Array;
}
