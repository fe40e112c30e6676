/** The connector for the audit logs of self-managed clusters: files and webhook bodies as kube-apiserver writes them. */

import type { Connector } from "../../src/contract/connector.ts";
import { decode } from "./decode.ts";
import { forms } from "./forms.ts";
import { frame } from "./frame.ts";
import { resolve } from "./origin.ts";

/** Audit logs of kube-apiserver itself, in the shapes in which nodes, shippers and people store them. */
export const kubernetes: Connector = {
	name: "kubernetes",
	summary: "audit log files and webhook bodies of kube-apiserver",
	forms,
	frame,
	decode,
	resolve,
};
