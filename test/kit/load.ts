/** The events that a simulation plants: when they happen, when they can be seen, and in what bad company. */

import { eventText, type PlantedEvent } from "../../src/simulation/planted-event.ts";

const SERIAL = "5e71a100-0000-4000-8000-";
const SERIALS = /5e71a100-0000-4000-8000-[0-9a-f]{12}/;

/** An audit id that the output can be searched for. */
export function serialOf(index: number): string {
	return SERIAL + index.toString(16).padStart(12, "0");
}

export function serialIn(bytes: Uint8Array): string | undefined {
	return SERIALS.exec(Buffer.from(bytes).toString("latin1"))?.[0];
}

/** The number of the first serial in it: for millions of them. */
export function indexIn(bytes: Uint8Array): number | undefined {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
	const at = text.indexOf(SERIAL, 0, "latin1");
	return at < 0 ? undefined : Number.parseInt(text.toString("latin1", at + SERIAL.length, at + SERIAL.length + 12), 16);
}

export interface LoadOptions {
	readonly events: number;
	/** When the first and the last happen, epoch milliseconds. */
	readonly fromMs: number;
	readonly toMs: number;
	/** Usual time until an event is seen, milliseconds. */
	readonly delayMs: number;
	/** How many take longer, up to `slowMs`: still inside the overlap. */
	readonly slowRate: number;
	readonly slowMs: number;
	/** How many come so late that only a sweep can find them. */
	readonly lateRate: number;
	readonly lateMs: number;
	/** How many share their millisecond with the one before. */
	readonly twinRate: number;
	/** How many are stamped up to that much in the future. */
	readonly futureRate: number;
	readonly futureMs: number;
	/** How many are large. */
	readonly largeRate: number;
	readonly largeCharacters: number;
	/** Number of the first, for loads that follow each other. Absent: 0. */
	readonly firstIndex?: number;
}

export function plannedEvents(options: LoadOptions, random: () => number): readonly PlantedEvent[] {
	const { events, fromMs, toMs, firstIndex = 0 } = options;
	let timeMs = fromMs;
	return Array.from({ length: events }, (_, index) => {
		if (random() >= options.twinRate) timeMs = Math.floor(fromMs + random() * (toMs - fromMs));
		const stampedMs = random() < options.futureRate ? timeMs + Math.floor(random() * options.futureMs) : timeMs;
		const takenInMs = timeMs + Math.floor(random() * options.delayMs);
		const serial = serialOf(firstIndex + index);
		return {
			serial,
			text: eventText(serial, timeMs, random() < options.largeRate ? options.largeCharacters : 0),
			timeMs: stampedMs,
			takenInMs,
			visibleAtMs: takenInMs + delayOf(options, random),
			server: Math.floor(random() * 3),
		};
	});
}

function delayOf({ slowRate, slowMs, lateRate, lateMs, delayMs }: LoadOptions, random: () => number): number {
	const dice = random();
	const mostMs = dice < lateRate ? lateMs : dice < lateRate + slowRate ? slowMs : delayMs;
	return Math.floor(random() * mostMs);
}
