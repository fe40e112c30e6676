/** Opens the way in with the real client; Google's libraries are loaded when the first source asks. */

import type { PullWay } from "../../src/contract/connector.ts";
import { createPulls } from "./pulls.ts";
import { settings } from "./settings.ts";

export const pullWay: PullWay = {
	settings,
	open: ({ clock, proxy, noProxy }) =>
		createPulls({
			clock,
			async connect(chosen) {
				const { connect } = await import("./client.ts");
				return connect(chosen, { ...(proxy === undefined ? {} : { proxy }), ...(noProxy === undefined ? {} : { noProxy }) });
			},
		}),
};
