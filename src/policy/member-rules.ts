/** Keys and JSON pointers that say what the value beside them is. */

/** Where tools keep the object as they last applied it, secrets and all. */
const LAST_APPLIED = new Set([
	"kubectl.kubernetes.io/last-applied-configuration",
	"kapp.k14s.io/original",
	"objectset.rio.cattle.io/applied",
	"banzaicloud.com/last-applied",
	"kopf.zalando.org/last-handled-configuration",
]);
const LAST_APPLIED_LENGTH_MIN = "/last-applied".length;
const LAST_APPLIED_END = /\/last-(?:applied|handled)(?:-configuration)?$/;

/** Whether a key is an annotation that holds a whole object. (`f:` keys are those of managedFields: they name fields and hold no values.) */
export function isLastApplied(key: string): boolean {
	if (key.length < LAST_APPLIED_LENGTH_MIN) return false;
	return LAST_APPLIED.has(key) || (key.includes("/last-") && LAST_APPLIED_END.test(key) && !key.startsWith("f:"));
}

/** The last key of a JSON pointer (RFC 6901): `/metadata/annotations/a~1b` gives `a/b`. */
export function lastKeyOf(pointer: string): string {
	return pointer
		.slice(pointer.lastIndexOf("/") + 1)
		.replaceAll("~1", "/")
		.replaceAll("~0", "~");
}

const ENV_VALUE = /\/env\/(?:[0-9]+|-)\/value$/;

/** Whether a JSON pointer leads to an environment variable's value: of what name, a patch does not say. */
export function isEnvValuePointer(pointer: string): boolean {
	return ENV_VALUE.test(pointer);
}
