/** Every connector that pulls, by its name, as the conformance kit examines it. */

import type { Batch } from "../../src/contract/record.ts";
import type { PullRequest } from "../../src/pull/state.ts";
import type { Subject } from "../kit/index.ts";
import { awsSubject } from "./aws-subject.ts";
import { azureSubject } from "./azure-subject.ts";
import { gcpSubject } from "./gcp-subject.ts";

/** `read` stands in for the loop, so that a faulty one can be planted. */
export type SubjectOf = (read?: (request: PullRequest) => AsyncIterable<Batch>) => Subject;

export const SUBJECTS: Readonly<Record<string, SubjectOf>> = {
	"aws-cloudwatch": awsSubject,
	"gcp-cloud-logging": gcpSubject,
	"azure-diagnostics": azureSubject,
};

/** One of them, or all. Throws if there is none of that name. */
export function chosenSubjects(name: string | undefined): readonly (readonly [name: string, subjectOf: SubjectOf])[] {
	const chosen = Object.entries(SUBJECTS).filter(([known]) => name === undefined || known === name);
	if (chosen.length === 0) throw new Error(`no connector "${name}": there are ${Object.keys(SUBJECTS).join(", ")}`);
	return chosen;
}
