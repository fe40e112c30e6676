/** Writes the JSON Schema of the settings anew: `npm run schema`. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configSchemaText } from "../src/run/config/config-schema.ts";
import { ROOT } from "./source-files.ts";

const path = join(ROOT, "schema", "kube-audit.schema.json");
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, configSchemaText());
