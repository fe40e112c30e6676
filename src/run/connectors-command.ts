/** `kube-audit connectors`: what can be read. */

import { Command } from "commander";
import type { Terminal } from "./terminal.ts";

export function connectorsCommand(terminal: Terminal): Command {
	return new Command("connectors")
		.description("list the connectors and the forms that they read")
		.option("--json", "as JSON")
		.addHelpText(
			"after",
			"\nForms are told by content; replay --as <connector>/<form> overrides.\n\nExample:\n  kube-audit connectors --json | jq -r '.[].forms[].name'",
		)
		.action(async (flags: { readonly json?: boolean }) => {
			const { CONNECTORS } = await import("./registry.ts");
			if (flags.json === true) {
				const plain = CONNECTORS.map(({ name, summary, forms }) => ({
					name,
					summary,
					forms: forms.map((form) => ({ name: form.name, summary: form.summary })),
				}));
				terminal.out(`${JSON.stringify(plain)}\n`);
				return;
			}
			for (const { name, summary, forms } of CONNECTORS) {
				terminal.out(`${name}: ${summary}\n`);
				for (const form of forms) terminal.out(`  ${`${name}/${form.name}`.padEnd(34)} ${form.summary}\n`);
			}
		});
}
