/** Writes the golden files anew: `npm run goldens`, then read the difference. */

import { writeFileSync } from "node:fs";
import { eventsOf, goldens } from "./goldens.ts";

for (const pair of goldens()) writeFileSync(pair.golden, (await eventsOf(pair)).text);
