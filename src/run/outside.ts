/** What is told to the outside of a running collector: the state of its sources, and what they count. */

import type { Shared } from "./source-runner.ts";

/** The part of a runner's surroundings that only watches. */
export type Outside = Pick<Shared, "watch" | "meterOf" | "observerOf" | "done">;
