/** An OCSF event in pieces -> one line of UTF-8 JSON. */

import type { JsonObject, RawJson } from "../contract/json.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import type { Piece, Pieces } from "../json/pieces.ts";
import { inlined, isInline, joinParts, type Parts, writeJson } from "./raw-text.ts";

/** Valid UTF-8 JSON without a line's end; bodies are spliced in as exact text. */
export function encodeOcsf({ content }: Piece<OcsfEvent>): Uint8Array {
	const line: Line = { text: "", parts: [] };
	writePieces(line, content as Pieces, "{", "}");
	line.parts.push(line.text);
	return joinParts(line.parts);
}

/** Finished parts, and the text that comes after them. */
interface Line {
	text: string;
	readonly parts: Parts;
}

function writePieces(line: Line, pieces: Pieces, open: string, close: string): void {
	let separator = open;
	for (const piece of pieces) if (piece !== undefined && writePiece(line, piece, separator)) separator = ",";
	line.text += separator === open ? open + close : close;
}

/** Whether there was anything to write. */
function writePiece(line: Line, piece: Piece, separator: string): boolean {
	switch (piece.form) {
		case "object":
			line.text += `${separator}"${piece.key}":`;
			writePieces(line, piece.content as Pieces, "{", "}");
			return true;
		case "array":
			line.text += `${separator}"${piece.key}":`;
			writePieces(line, piece.content as Pieces, "[", "]");
			return true;
		case "exact":
			line.text += `${separator}"${piece.key}":`;
			writeExact(line, piece.content as RawJson);
			return true;
		case "tree":
			return writeTree(line, piece, separator);
		default:
			piece.text ??= JSON.stringify(piece.content).slice(1, -1);
			if (piece.text !== "") line.text += separator + piece.text;
			return piece.text !== "";
	}
}

function writeExact(line: Line, value: RawJson): void {
	if (isInline(value)) line.text += inlined(value);
	else {
		line.parts.push(line.text, value.raw);
		line.text = "";
	}
}

function writeTree(line: Line, piece: Piece, separator: string): boolean {
	if (piece.text === undefined) {
		const parts: Parts = [];
		writeJson(piece.content as JsonObject, parts);
		// Exact text that is large stays as it is, and is not kept a second time.
		const isText = parts.every((part) => typeof part === "string");
		if (!isText) return writeParts(line, parts, separator);
		piece.text = parts.join("").slice(1, -1);
	}
	if (piece.text !== "") line.text += separator + piece.text;
	return piece.text !== "";
}

/** The parts of an object, without its braces. */
function writeParts(line: Line, parts: Parts, separator: string): true {
	line.text += separator + (parts[0] as string).slice(1);
	for (const part of parts.slice(1, -1)) {
		if (typeof part === "string") line.text += part;
		else writeExact(line, { raw: part });
	}
	return true;
}
