/** Gives labels the names back that BigQuery cannot write: it has `_` for `.`, `/` and `-`. */

/** Annotations of the API server and labels of GKE whose names are known. */
const NAMES = [
	"apiserver.latency.k8s.io/total",
	"audit.k8s.io/truncated",
	"authentication.k8s.io/legacy-token",
	"authentication.kubernetes.io/credential-id",
	"authentication.kubernetes.io/issued-credential-id",
	"authorization.k8s.io/decision",
	"authorization.k8s.io/reason",
	"command.gke.io/dryRun",
	"k8s.io/deprecated",
	"k8s.io/removed-release",
	"pod-security.kubernetes.io/audit-violations",
	"pod-security.kubernetes.io/enforce-policy",
	"pod-security.kubernetes.io/exempt",
	"validation.policy.admission.k8s.io/validation_failure",
];
const BY_COLUMN: ReadonlyMap<string, string> = new Map(NAMES.map((name) => [name.replaceAll(/[./-]/g, "_"), name]));

/** One label for each webhook that was called. */
const WEBHOOK = /^(?:(failed_open)_)?(mutation|patch|validation)_webhook_admission_k8s_io_(round_\d+_index_\d+)$/;

/** The label's name if it is known, else the column's: which of its `_` were others cannot be told. */
export function labelOfColumn(column: string): string {
	const webhook = WEBHOOK.exec(column);
	if (webhook === null) return BY_COLUMN.get(column) ?? column;
	return `${webhook[1] === undefined ? "" : "failed-open."}${webhook[2]}.webhook.admission.k8s.io/${webhook[3]}`;
}
