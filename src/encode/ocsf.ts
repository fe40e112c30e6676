/** An OCSF event in pieces -> one line of UTF-8 JSON. */

import type { JsonObject, RawJson } from "../contract/json.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET } from "../json/bytes.ts";
import type { Piece, Pieces } from "../json/pieces.ts";
import { rememberTexts } from "../json/remember.ts";
import { type Line, writeByte, writeBytes, writeExact, writeLine, writeText } from "./line.ts";
import { writeMembers } from "./write-json.ts";

/** Valid UTF-8 JSON without a line's end; bodies are spliced in as exact text. */
export function encodeOcsf(event: Piece<OcsfEvent>): Uint8Array {
	return writeLine(event, writeObject);
}

function writeObject(line: Line, { content }: Piece): void {
	writePieces(line, content as Pieces, OPEN_BRACE, CLOSE_BRACE);
}

/** Every piece is written with a comma before it; the first comma gives way to the opening bracket. */
function writePieces(line: Line, pieces: Pieces, open: number, close: number): void {
	const first = line.at - line.start;
	for (let i = 0; i < pieces.length; i++) {
		const piece = pieces[i];
		if (piece !== undefined) writePiece(line, piece);
	}
	if (line.at - line.start === first) writeByte(line, open);
	else line.slab[line.start + first] = open;
	writeByte(line, close);
}

/** How a member begins. */
const startOf = rememberTexts((key) => Buffer.from(`,"${key}":`));

function writePiece(line: Line, piece: Piece): void {
	const { form, bytes } = piece;
	if (bytes !== undefined) writeBytes(line, bytes);
	else if (form === "object") {
		writeBytes(line, startOf(piece.key));
		writeObject(line, piece);
	} else if (form === "array") {
		writeBytes(line, startOf(piece.key));
		writePieces(line, piece.content as Pieces, OPEN_BRACKET, CLOSE_BRACKET);
	} else if (form === "exact") {
		writeBytes(line, startOf(piece.key));
		writeExact(line, (piece.content as RawJson).raw);
	} else writeNew(line, piece);
}

/** Text that is longer is not kept for the next time: it may be anything that nobody has a name for. */
const KEPT_BYTES_MAX = 16 * 1024;

/** What was written once may be written again: from the second time on its bytes are kept. */
function writeNew(line: Line, piece: Piece): void {
	const first = line.at - line.start;
	if (piece.form === "tree") writeMembers(line, piece.content as JsonObject, ",");
	else writeInside(line, JSON.stringify(piece.content));
	const size = line.at - line.start - first;
	if (piece.isWritten && size <= KEPT_BYTES_MAX) piece.bytes = Buffer.from(line.slab.subarray(line.at - size, line.at));
	piece.isWritten = true;
}

/** What is between the brackets of an object or array, if there is anything; a comma before it. */
function writeInside(line: Line, text: string): void {
	if (text.length === "{}".length) return;
	const first = line.at - line.start;
	writeText(line, text);
	line.slab[line.start + first] = COMMA;
	line.at--;
}
