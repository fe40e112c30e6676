/** Stored files as a source of batches: opened one after the other, their form told by their content. */

import { createReadStream } from "node:fs";
import type { Limits } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Batch, Cursor, Origin, RawRecord } from "../../contract/record.ts";
import { type Inflation, inflate } from "../../framing/inflate.ts";
import { peek } from "../../framing/peek.ts";
import { SNIFF_BYTES } from "../../framing/sniff.ts";
import { share } from "../../json/remember.ts";
import { type InputFile, STDIN, unreadable } from "./files.ts";
import { type Recognised, recognise, type Unrecognised } from "./recognise.ts";

/** All files are one partition: parts of a split record may lie in several. */
export const PARTITION = "files";
const READ_BYTES = 256 * 1024;

export interface FileReport {
	readonly path: string;
	/** `<connector>/<form>`, or why the file was not read. */
	readonly form: string;
	readonly compression: readonly string[];
	readonly isRead: boolean;
	/** Records that framing cut, counted on its own. */
	framed: number;
}

export interface ReplayRequest {
	readonly files: readonly InputFile[];
	/** What `--as` asked for. */
	readonly as?: Recognised;
	readonly limits: Limits;
	readonly stdin: AsyncIterable<Uint8Array>;
	/** What is known of the cluster before reading. */
	originOf(connector: string): Origin;
	/** Bytes as stored, read from disk. */
	onBytes?(bytes: number): void;
	onFile?(report: FileReport): void;
}

interface ReplayCursor extends Cursor {
	readonly v: 1;
	/** Into `files`. */
	readonly file: number;
	/** Records of that file that are settled. */
	readonly records: number;
}

/** Yields the files' records as batches, from where the cursor says. A named file of no known form is an error. */
export async function* readFiles(request: ReplayRequest, cursor?: Cursor): AsyncGenerator<Batch> {
	const from = (cursor as ReplayCursor | undefined) ?? { v: 1, file: 0, records: 0 };
	let seq = 0;
	for (const [index, file] of request.files.entries()) {
		if (index < from.file) continue;
		let records = 0;
		const skip = index === from.file ? from.records : 0;
		for await (const page of readFile(file, request)) {
			const first = Math.max(0, skip - records);
			records += page.records.length;
			if (first >= page.records.length && page.records.length > 0) continue;
			const next: ReplayCursor = { v: 1, file: index, records };
			yield {
				partition: PARTITION,
				seq: seq++,
				origin: page.origin,
				records: page.records.slice(first),
				cursor: next,
				settle: async () => {},
			};
		}
	}
}

interface Page {
	readonly origin: Origin;
	readonly records: readonly RawRecord[];
}

async function* readFile(file: InputFile, request: ReplayRequest): AsyncGenerator<Page> {
	const inflation: Inflation = { layers: [] };
	const { first: head, rest: all } = await peek(inflate(readBytes(file, request), request.limits, inflation), SNIFF_BYTES);
	const known = request.as ?? recognise(head);
	if (typeof known === "string") {
		refuse(file, known, inflation, request);
		return;
	}
	const { connector, form } = known;
	const report: FileReport = { path: file.path, form: `${connector.name}/${form}`, compression: inflation.layers, isRead: true, framed: 0 };
	request.onFile?.(report);
	const base = request.originOf(connector.name);
	const origin: Origin = share({ ...base, logName: base.logName ?? file.path });
	for await (const records of batchesOf(connector.frame(all, form, request.limits), request.limits)) {
		report.framed += records.length;
		yield { origin, records };
	}
	if (inflation.error !== undefined) {
		report.framed++;
		yield { origin, records: [{ id: "end", body: new Uint8Array(0), error: inflation.error }] };
	}
}

const REFUSALS: Record<Unrecognised, string> = {
	empty: "the file is empty: it holds no records",
	binary: "a binary file, not a log; if it is a log in a form of its own, name it with --as",
	ocsf: "already OCSF events, not audit records",
	unknown: "no audit log of a known form; name its form with --as (see: kube-audit connectors)",
};

function refuse(file: InputFile, why: Unrecognised, inflation: Inflation, request: ReplayRequest): void {
	const damage = why === "empty" ? inflation.error : undefined;
	if (file.isNamed && damage !== undefined) throw new CollectorError(damage.code, `${file.path}: ${damage.message}`);
	if (file.isNamed && why !== "empty") throw new CollectorError("CONFIG_INVALID", `${file.path}: ${REFUSALS[why]}`);
	const form = damage?.message ?? REFUSALS[why];
	request.onFile?.({ path: file.path, form, compression: inflation.layers, isRead: false, framed: 0 });
}

async function* readBytes(file: InputFile, request: ReplayRequest): AsyncGenerator<Uint8Array> {
	try {
		for await (const chunk of file.path === STDIN ? request.stdin : createReadStream(file.path, { highWaterMark: READ_BYTES })) {
			request.onBytes?.(chunk.length);
			yield chunk;
		}
	} catch (error) {
		throw unreadable(file.path, error as NodeJS.ErrnoException);
	}
}

/** Pages of a frame, cut or gathered to the size of batches. */
async function* batchesOf(pages: AsyncIterable<readonly RawRecord[]>, limits: Limits): AsyncGenerator<readonly RawRecord[]> {
	let batch: RawRecord[] = [];
	let bytes = 0;
	for await (const page of pages) {
		for (const record of page) {
			batch.push(record);
			bytes += record.body.length;
			if (batch.length < limits.batchRecordsMax && bytes < limits.batchBytesMax) continue;
			yield batch;
			batch = [];
			bytes = 0;
		}
	}
	if (batch.length > 0) yield batch;
}
