/** Parts become one record, or are measured once they are too much. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { gather } from "./gather.ts";

test("the record is its parts, up to the limit; one byte more and it is its size and hash", () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), fc.integer({ min: -2, max: 2 }), (parts, slack) => {
			const whole = Buffer.concat(parts);
			const gathering = gather(whole.length + slack);
			for (const part of parts) gathering.add(part);
			const record = gathering.take("7");
			assert.equal(record.id, "7");
			assert.deepEqual(Buffer.from(record.body), whole);
			if (slack >= 0) assert.equal(record.error, undefined);
			else if (whole.length > 0) {
				assert.equal(record.error?.code, "RECORD_TOO_LARGE");
				assert.deepEqual(record.whole, { sizeBytes: whole.length, sha256: createHash("sha256").update(whole).digest("hex") });
			}
		}),
	);
});

test("taking begins anew, and parts are copied", () => {
	const gathering = gather(10);
	const part = Buffer.from("one");
	gathering.add(part);
	part.fill(0);
	assert.equal(Buffer.from(gathering.take("1").body).toString(), "one");
	gathering.add(Buffer.from("two"));
	assert.equal(Buffer.from(gathering.take("2").body).toString(), "two");
});
