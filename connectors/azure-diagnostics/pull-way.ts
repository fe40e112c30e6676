/** Opens the way in with the real client; the SDK is loaded when the first source asks. It reads the proxy variables itself. */

import type { PullWay } from "../../src/contract/connector.ts";
import { createPulls } from "./pulls.ts";
import { settings } from "./settings.ts";

export const pullWay: PullWay = {
	settings,
	counts: true,
	open: ({ clock }) =>
		createPulls({
			clock,
			async connect(chosen) {
				const { connect } = await import("./client.ts");
				return connect(chosen);
			},
		}),
};
