/** An event as the conformance kit plants it in a simulated service, to be looked for at the other end. */

export interface PlantedEvent {
	/** Unique; also the event's auditID, so that it is found again in whatever comes out. */
	readonly serial: string;
	/** An audit.k8s.io/v1 Event, as the API server writes it: one line of JSON. */
	readonly text: string;
	/** When it happened, epoch milliseconds. */
	readonly timeMs: number;
	/** When the log service took it in, epoch milliseconds. */
	readonly takenInMs: number;
	/** From when on the service's reads show it, epoch milliseconds. */
	readonly visibleAtMs: number;
	/** Which API server of the cluster wrote it: 0, 1, ... */
	readonly server: number;
}

/** A small but genuine event: what a model turns into an entry of its service. */
export function eventText(serial: string, timeMs: number, bodyCharacters = 0): string {
	const time = new Date(timeMs).toISOString().replace("Z", "000Z");
	return JSON.stringify({
		kind: "Event",
		apiVersion: "audit.k8s.io/v1",
		level: bodyCharacters > 0 ? "RequestResponse" : "Metadata",
		auditID: serial,
		stage: "ResponseComplete",
		requestURI: "/api/v1/namespaces/default/configmaps/settings",
		verb: "update",
		user: { username: "system:serviceaccount:default:planter", groups: ["system:serviceaccounts", "system:authenticated"] },
		sourceIPs: ["10.0.0.7"],
		userAgent: "planter/v1.0",
		objectRef: { resource: "configmaps", namespace: "default", name: "settings", apiVersion: "v1" },
		responseStatus: { metadata: {}, code: 200 },
		...(bodyCharacters > 0 ? { requestObject: { kind: "ConfigMap", apiVersion: "v1", data: { filler: "x".repeat(bodyCharacters) } } } : {}),
		requestReceivedTimestamp: time,
		stageTimestamp: time,
		annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
	});
}
