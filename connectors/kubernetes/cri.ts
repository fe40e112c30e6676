/** Undoes what a container runtime does to an API server's output: a prefix on every line, and long lines in parts. */

import type { Limits } from "../../src/contract/connector.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { type Gathering, gather } from "../../src/framing/gather.ts";
import { skipSpace } from "../../src/json/scan.ts";

/** `<RFC 3339> <stream> <tags> <content>`; the first tag is P (the line goes on) or F. Kubernetes CRI logging format. */
const PREFIX = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF])(?::[^ ]*)?(?: |$)/;
const PREFIX_BYTES_MAX = 100;

/** Whether a line begins as a container runtime writes it; the length of that beginning, if so. */
export function criPrefixLength(line: string): number | undefined {
	return PREFIX.exec(line.slice(0, PREFIX_BYTES_MAX))?.[0].length;
}

interface CriLine {
	readonly time: string;
	readonly stream: string;
	readonly goesOn: boolean;
	readonly content: Uint8Array;
}

function readCriLine(line: Uint8Array): CriLine | undefined {
	if ((line[0] as number) > 0x39 || line.length < 27) return undefined;
	const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, PREFIX_BYTES_MAX)).toString("latin1");
	const found = PREFIX.exec(start);
	if (found === null) return undefined;
	const [prefix, time = "", stream = "", tag] = found;
	return { time, stream, goesOn: tag === "P", content: line.subarray(prefix.length) };
}

/** A line that has begun on one of the two streams. */
interface Open {
	readonly id: string;
	readonly time: string;
	readonly parts: Gathering;
}

export interface CriJoin {
	/** The record that this line completes: itself, if no runtime wrote it. */
	add(line: RawRecord): RawRecord | undefined;
	/** Lines whose last part never came, as far as they came. */
	end(): readonly RawRecord[];
}

/** Joins the parts of lines, for each stream by itself: the two share a file, and their parts take turns. */
export function createCriJoin({ recordBytesMax }: Pick<Limits, "recordBytesMax">): CriJoin {
	const open = new Map<string, Open>();

	function join(line: CriLine, id: string): RawRecord | undefined {
		const begun = open.get(line.stream);
		if (begun === undefined && !line.goesOn) return withEnvelope({ id, body: line.content }, line.time, line.stream);
		const { parts } = begun ?? { parts: gather(recordBytesMax) };
		if (begun === undefined) open.set(line.stream, { id, time: line.time, parts });
		parts.add(line.content);
		return line.goesOn ? undefined : close(line.stream);
	}

	function close(stream: string): RawRecord | undefined {
		const begun = open.get(stream);
		if (begun === undefined) return undefined;
		open.delete(stream);
		return withEnvelope(begun.parts.take(begun.id), begun.time, stream);
	}

	return {
		add(line) {
			const cri = line.error === undefined ? readCriLine(line.body) : undefined;
			return cri === undefined ? line : join(cri, line.id);
		},
		end: () => [...open.keys()].flatMap((stream) => close(stream) ?? []),
	};
}

/** Undefined for a line without content: blank lines are no records. */
function withEnvelope(record: RawRecord, time: string, stream: string): RawRecord | undefined {
	if (skipSpace(record.body, 0) === record.body.length) return undefined;
	return { ...record, envelope: { time, stream } };
}
