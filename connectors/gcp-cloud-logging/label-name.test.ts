import assert from "node:assert/strict";
import { test } from "node:test";
import { labelOfColumn } from "./label-name.ts";

const NAMES: readonly (readonly [string, string])[] = [
	["authorization_k8s_io_decision", "authorization.k8s.io/decision"],
	["pod_security_kubernetes_io_enforce_policy", "pod-security.kubernetes.io/enforce-policy"],
	["validation_policy_admission_k8s_io_validation_failure", "validation.policy.admission.k8s.io/validation_failure"],
	["mutation_webhook_admission_k8s_io_round_0_index_12", "mutation.webhook.admission.k8s.io/round_0_index_12"],
	["failed_open_mutation_webhook_admission_k8s_io_round_1_index_0", "failed-open.mutation.webhook.admission.k8s.io/round_1_index_0"],
	["cluster_version", "cluster_version"],
	["team_example_com_cost_centre", "team_example_com_cost_centre"],
	["__proto__", "__proto__"],
];

test("known labels get their names back, others keep the column's", () => {
	for (const [column, name] of NAMES) assert.equal(labelOfColumn(column), name);
});
