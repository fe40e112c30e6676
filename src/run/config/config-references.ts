/** Finds the references in a settings file, follows them, and tells where they or secrets are out of place. */

import type { Fault } from "./config-fault.ts";
import { type Expansions, isSecretPlace, scalarsOf } from "./config-tree.ts";
import { type Expanded, expandReferences, follow, hasReference, namesSecret, type ReferenceScope } from "./references.ts";
import type { SecretReference } from "./settings.ts";
import type { Path, TreeNode } from "./yaml-tree.ts";

/** Every text of the file that has references, with what it becomes. */
export async function expandAll(root: TreeNode, scope: ReferenceScope): Promise<Expansions> {
	const expansions = new Map<string, Expanded>();
	for (const [, { value }] of scalarsOf(root)) {
		if (typeof value === "string" && hasReference(value) && !expansions.has(value))
			expansions.set(value, await expandReferences(value, scope));
	}
	return expansions;
}

/** References that lead nowhere, or stand where none may. */
export function referenceFaults(root: TreeNode, expansions: Expansions): readonly Fault[] {
	return textsOf(root).flatMap(([path, text]) => {
		const expanded = expansions.get(text);
		if (expanded !== undefined && "fault" in expanded) return [{ path, text: expanded.fault }];
		return namesSecret(text) && isInTheOpen(path) ? [{ path, text: "must stand in the file itself: it is shown in logs and metrics" }] : [];
	});
}

/** Secrets that stand in the file, where anybody who reads it sees them. */
export function plainSecretFaults(root: TreeNode): readonly Fault[] {
	return textsOf(root).flatMap(([path, text]) =>
		text !== "" && isSecretPlace(path) && !namesSecret(text) ? [{ path, text: PLAIN_SECRET }] : [],
	);
}

function textsOf(root: TreeNode): readonly (readonly [Path, string])[] {
	return scalarsOf(root)
		.flatMap(([path, { value }]) => (typeof value === "string" ? [[path, value] as const] : []))
		.toArray();
}

const PLAIN_SECRET = `a secret must not stand in the file: write \${env:NAME} or \${file:PATH}`;

/** What names things to people cannot be a secret. */
function isInTheOpen(path: Path): boolean {
	const [list, , key] = path;
	return path.length === 3 && ((list === "sources" && (key === "id" || key === "connector")) || (list === "sinks" && key === "name"));
}

/** The secret itself, or why it cannot be had. */
export async function readReference(reference: SecretReference, scope: ReferenceScope): Promise<Expanded> {
	if ("text" in reference) return reference;
	return "env" in reference ? follow("env", reference.env, scope) : follow("file", reference.file, scope);
}
