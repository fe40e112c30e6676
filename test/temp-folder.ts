/** Folders that go away with the test. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A folder for one test; `using` removes it. */
export function tempFolder(): Disposable & { readonly path: string } {
	const path = mkdtempSync(join(tmpdir(), "kube-audit-"));
	return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A folder that is gone after the test. */
export function folderFor(context: TestContext): string {
	const folder = tempFolder();
	context.after(() => folder[Symbol.dispose]());
	return folder.path;
}
