import assert from "node:assert/strict";
import { test } from "node:test";
import { ocsfOf } from "./test-events.ts";

const TABLE: readonly (readonly [verbs: string[], id: number, caption: string])[] = [
	[["create", "post"], 1, "Create"],
	[["get", "list", "watch", "head"], 2, "Read"],
	[["update", "patch", "put"], 3, "Update"],
	[["delete", "deletecollection"], 4, "Delete"],
];

test("verbs that OCSF has an activity for", () => {
	for (const [verbs, id, caption] of TABLE) {
		for (const verb of verbs) {
			const { activity_id, activity_name, type_uid, type_name, api } = ocsfOf({ verb });
			assert.deepEqual([activity_id, activity_name, type_uid], [id, caption, 600_300 + id], verb);
			assert.deepEqual([type_name, api.operation], [`API Activity: ${caption}`, verb]);
		}
	}
});

test("any other verb is Other under its own name, also one that is written otherwise or means something to JavaScript", () => {
	for (const verb of ["options", "connect", "proxy", "GET", "Create", "__proto__", "constructor", "unknown", " "]) {
		const { activity_id, activity_name, type_uid, type_name, api } = ocsfOf({ verb });
		assert.deepEqual([activity_id, activity_name, type_uid, type_name], [99, verb, 600_399, "API Activity: Other"]);
		assert.equal(api.operation, verb);
	}
});

test("no verb, or an empty one, is Unknown", () => {
	for (const verb of [undefined, ""]) {
		const { activity_id, activity_name, type_uid, api, unmapped } = ocsfOf({ verb });
		assert.deepEqual([activity_id, activity_name, type_uid, api.operation], [0, "Unknown", 600_300, "unknown"]);
		assert.equal(unmapped?.audit?.["verb"], verb);
	}
});

test("a subresource does not change the activity", () => {
	const { activity_id, resources } = ocsfOf({ objectRef: { resource: "pods", subresource: "exec", name: "web-0" } });
	assert.deepEqual([activity_id, resources?.[0]?.type], [1, "pods/exec"]);
});
