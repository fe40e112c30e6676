/** For tests of what is shown: reads the text of /metrics, and makes what the pipeline would tell of. */

import type { DecodedEvent } from "../../contract/decode.ts";
import type { Origin } from "../../contract/record.ts";
import type { Prepared } from "../../contract/route.ts";
import type { EncodedEvent } from "../../contract/sink.ts";

/** One line of /metrics. */
export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** Throws if a line is none that Prometheus would read, or if a series is there twice: it would refuse all of them. */
export function samplesOf(text: string): readonly Sample[] {
	const series = new Set<string>();
	return text
		.split("\n")
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => {
			const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
			const [, name, inside = "", value] = parts ?? [];
			const labels = [...inside.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
			if (name === undefined || labels.map(([whole]) => whole).join("") !== inside) throw new Error(`no line of metrics: ${line}`);
			const key = line.slice(0, line.lastIndexOf(" "));
			if (series.has(key)) throw new Error(`twice: ${key}`);
			series.add(key);
			return {
				name,
				labels: Object.fromEntries(labels.map(([, label, text]) => [label, text])),
				value: Number(value?.replace("Inf", "Infinity")),
			};
		});
}

/** The value of the one series with these labels; undefined if there is none. */
export function valueIn(text: string, name: string, labels: Sample["labels"] = {}): number | undefined {
	const found = samplesOf(text).filter(
		(sample) => sample.name === `kube_audit_${name}` && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
	);
	if (found.length > 1) throw new Error(`${found.length} series of ${name} ${JSON.stringify(labels)}`);
	return found[0]?.value;
}

export function decodedAt(timeMs: number): DecodedEvent {
	return {
		kind: "event",
		event: { verb: "get", stageTimestamp: new Date(timeMs).toISOString() } as DecodedEvent["event"],
		envelope: {},
		identity: Buffer.from("{}"),
		inferred: [],
	};
}

export function encodedAt(timeMs: number, bytes = 10): EncodedEvent {
	return { uid: `uid-${timeMs}`, timeMs, clusterKey: "key", bytes: Buffer.alloc(bytes, " ") };
}

export function preparedAt(timeMs: number, redacted: readonly (readonly [string, number])[] = []): Prepared {
	return { kind: "encoded", event: encodedAt(timeMs), marks: { redacted: new Map(redacted), truncated: false, inferred: false } };
}

export function clusterOrigin(name: string): Origin {
	return { connector: "aws-cloudwatch", platform: "eks", clusterName: name, clusterId: `arn:${name}`, clusterKey: `arn:${name}` };
}
