/** Reads a protobuf message into the value that its JSON would have; for the payloads that gRPC hands over as bytes. */

import { textOf } from "../../src/json/scan.ts";
import type { Field, Kind, Message } from "./audit-log-fields.ts";
import { rfc3339Of } from "./time.ts";

type Members = Readonly<Record<string, unknown>>;

/** Where reading stands. */
interface Reader {
	readonly bytes: Uint8Array;
	at: number;
	readonly end: number;
	/** Messages around this one. */
	readonly depth: number;
}

/** What a tag says: which field, and its bytes (of a number: its value). */
interface Wire {
	readonly number: number;
	readonly value: bigint | Uint8Array;
	readonly isDouble: boolean;
}

/** As protobuf's own readers bound it. */
const DEPTH_MAX = 100;
const VARINT_BYTES_MAX = 10;
const NANOS_PER_S = 1_000_000_000;
const BROKEN = Symbol("broken");

/**
 * The message as JSON has it: in the order of the alphabet, as the API has it; fields that are not set are left out, int64 are text, times are RFC 3339, a Struct is a plain
 * object. Fields that the description lacks are left out too. Undefined if the bytes are no such message. Never throws.
 */
export function readMessage(bytes: Uint8Array, fields: Message): Members | undefined {
	try {
		return messageOf({ bytes, at: 0, end: bytes.length, depth: 0 }, fields);
	} catch (error) {
		if (error === BROKEN) return undefined;
		throw error;
	}
}

function messageOf(reader: Reader, fields: Message): Members {
	const members = new Map<string, unknown>();
	for (const wire of wires(reader)) {
		const field = fields.get(wire.number);
		if (field !== undefined) put(members, field, readKind(wire, field.kind, reader.depth));
	}
	const set = [...members].filter(([, value]) => !isUnset(value));
	return Object.fromEntries(set.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function put(members: Map<string, unknown>, { name, kind, isList }: Field, value: unknown): void {
	const known = members.get(name);
	if (isList === true) members.set(name, [...((known as readonly unknown[] | undefined) ?? []), value]);
	else if (kind === "labels")
		members.set(name, Object.fromEntries([...Object.entries((known as Members | undefined) ?? {}), value as [string, unknown]]));
	else members.set(name, value);
}

/** Zeros are not written by those who follow the rules; JSON leaves them out as well. */
function isUnset(value: unknown): boolean {
	return value === "" || value === 0 || value === false || value === undefined || value === "0";
}

function readKind(wire: Wire, kind: Kind, depth: number): unknown {
	if (kind === "string") return stringOf(wire);
	if (kind === "bool") return numberOf(wire) !== 0n;
	if (kind === "int32") return Number(BigInt.asIntN(32, numberOf(wire)));
	if (kind === "int64") return String(BigInt.asIntN(64, numberOf(wire)));
	const inner = (): Reader => within(wire, depth);
	if (kind === "time") return timeOf(inner());
	if (kind === "duration") return durationOf(inner());
	if (kind === "struct") return structOf(inner());
	if (kind === "any") return anyOf(inner());
	if (kind === "labels") return labelOf(inner());
	if (isNames(kind)) return nameOf(kind, Number(BigInt.asIntN(32, numberOf(wire))));
	return messageOf(inner(), kind);
}

function isNames(kind: Kind): kind is readonly string[] {
	return Array.isArray(kind);
}

/** The first is the default, which is not written. */
function nameOf(names: readonly string[], number: number): string | number {
	return number === 0 ? 0 : (names[number] ?? number);
}

function labelOf(reader: Reader): readonly [string, string] {
	let [key, value] = ["", ""];
	for (const wire of wires(reader)) {
		if (wire.number === 1) key = stringOf(wire);
		if (wire.number === 2) value = stringOf(wire);
	}
	return [key, value];
}

/** A message of a type that is not described here keeps its bytes. */
function anyOf(reader: Reader): Members {
	let [type, value] = ["", ""];
	for (const wire of wires(reader)) {
		if (wire.number === 1) type = stringOf(wire);
		if (wire.number === 2) value = Buffer.from(bytesOf(wire)).toString("base64");
	}
	return { "@type": type, ...(value === "" ? {} : { value }) };
}

function timeOf(reader: Reader): string {
	const [seconds, nanos] = secondsOf(reader);
	return rfc3339Of(seconds, nanos) ?? broken();
}

function durationOf(reader: Reader): string {
	const [seconds, nanos] = secondsOf(reader);
	const fraction = String(Math.abs(nanos)).padStart(9, "0").replace(/0+$/, "");
	return `${nanos < 0 && seconds === 0n ? "-" : ""}${seconds}${fraction === "" ? "" : `.${fraction}`}s`;
}

function secondsOf(reader: Reader): readonly [seconds: bigint, nanos: number] {
	let [seconds, nanos] = [0n, 0];
	for (const wire of wires(reader)) {
		if (wire.number === 1) seconds = BigInt.asIntN(64, numberOf(wire));
		if (wire.number === 2) nanos = Number(BigInt.asIntN(32, numberOf(wire)));
	}
	return Math.abs(nanos) < NANOS_PER_S ? [seconds, nanos] : broken();
}

/** google.protobuf.Struct: a map of values. */
function structOf(reader: Reader): Members {
	const members: [string, unknown][] = [];
	for (const entry of wires(reader)) {
		if (entry.number !== 1) continue;
		let key = "";
		let value: unknown = null;
		for (const wire of wires(within(entry, reader.depth))) {
			if (wire.number === 1) key = stringOf(wire);
			if (wire.number === 2) value = anyValueOf(within(wire, reader.depth + 1));
		}
		members.push([key, value]);
	}
	return Object.fromEntries(members);
}

/** google.protobuf.Value */
function anyValueOf(reader: Reader): unknown {
	let value: unknown = null;
	for (const wire of wires(reader)) {
		if (wire.number === 1) value = null;
		if (wire.number === 2) value = doubleOf(wire);
		if (wire.number === 3) value = stringOf(wire);
		if (wire.number === 4) value = numberOf(wire) !== 0n;
		if (wire.number === 5) value = structOf(within(wire, reader.depth));
		if (wire.number === 6) value = listOf(within(wire, reader.depth));
	}
	return value;
}

function listOf(reader: Reader): readonly unknown[] {
	const values: unknown[] = [];
	for (const wire of wires(reader)) if (wire.number === 1) values.push(anyValueOf(within(wire, reader.depth)));
	return values;
}

/** Each field of a message, in the order of its bytes. */
function* wires(reader: Reader): Generator<Wire> {
	while (reader.at < reader.end) {
		const tag = Number(varint(reader));
		yield wireOf(reader, Math.floor(tag / 8), tag % 8);
	}
}

function wireOf(reader: Reader, number: number, type: number): Wire {
	if (number === 0) return broken();
	if (type === 0) return { number, value: varint(reader), isDouble: false };
	if (type === 1) return { number, value: take(reader, 8), isDouble: true };
	if (type === 2) return { number, value: take(reader, Number(varint(reader))), isDouble: false };
	// Groups have gone out of use.
	return type === 5 ? { number, value: take(reader, 4), isDouble: false } : broken();
}

function varint(reader: Reader): bigint {
	let low = 0;
	// Most are small: big integers are slow.
	for (let i = 0; i < 4; i++) {
		const byte = next(reader);
		low += (byte & 0x7f) * 2 ** (7 * i);
		if (byte < 0x80) return BigInt(low);
	}
	let value = BigInt(low);
	for (let i = 4; i < VARINT_BYTES_MAX; i++) {
		const byte = next(reader);
		value |= BigInt(byte & 0x7f) << BigInt(7 * i);
		if (byte < 0x80) return BigInt.asUintN(64, value);
	}
	return broken();
}

function next(reader: Reader): number {
	return reader.at < reader.end ? (reader.bytes[reader.at++] as number) : broken();
}

function take(reader: Reader, length: number): Uint8Array {
	const end = reader.at + length;
	if (end > reader.end) return broken();
	const bytes = reader.bytes.subarray(reader.at, end);
	reader.at = end;
	return bytes;
}

function within(wire: Wire, depth: number): Reader {
	const bytes = bytesOf(wire);
	return depth >= DEPTH_MAX ? broken() : { bytes, at: 0, end: bytes.length, depth: depth + 1 };
}

function bytesOf({ value }: Wire): Uint8Array {
	return typeof value === "bigint" ? broken() : value;
}

function stringOf(wire: Wire): string {
	return textOf(bytesOf(wire));
}

function numberOf({ value }: Wire): bigint {
	return typeof value === "bigint" ? value : broken();
}

function doubleOf(wire: Wire): number {
	const { buffer, byteOffset } = bytesOf(wire);
	return wire.isDouble ? new DataView(buffer, byteOffset, 8).getFloat64(0, true) : broken();
}

function broken(): never {
	throw BROKEN;
}
