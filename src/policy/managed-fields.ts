/** Takes `metadata.managedFields` out of a body: bookkeeping of field owners, often half of its bytes. */

import type { RawJson } from "../contract/json.ts";
import { firstOf, keyOf, latin1Of, NONE, type Node, nextOf, ROOT, readTree, type Tree } from "../json/walk.ts";
import { type Edit, editBytes, removals } from "../json/walk-edit.ts";

/** The body without them, in an object, a list's items and a table's rows; the same object if there are none. */
export function withoutManagedFields(body: RawJson): RawJson {
	const text = latin1Of(body.raw);
	if (!text.includes("managedFields") && !text.includes("\\u00")) return body;
	const tree = readTree(text, true);
	if (typeof tree === "string") return body;
	const edits: Edit[] = [];
	collect(tree, ROOT, edits, true);
	return edits.length === 0 ? body : { raw: editBytes(text, edits) };
}

function collect(tree: Tree, object: Node, edits: Edit[], mayBeList: boolean): void {
	eachMember(tree, object, (member, key) => {
		if (key === "metadata") {
			for (const edit of removals(tree, member, (inner) => keyOf(tree, inner) === "managedFields")) edits.push(edit);
		} else if (mayBeList && key === "items") eachMember(tree, member, (item) => collect(tree, item, edits, false));
		else if (mayBeList && key === "rows") eachMember(tree, member, (row) => collectRow(tree, row, edits));
	});
}

function collectRow(tree: Tree, row: Node, edits: Edit[]): void {
	eachMember(tree, row, (member, key) => {
		if (key === "object") collect(tree, member, edits, false);
	});
}

function eachMember(tree: Tree, node: Node, visit: (member: Node, key: string) => void): void {
	for (let member = firstOf(tree, node); member !== NONE; member = nextOf(tree, member)) visit(member, keyOf(tree, member));
}
