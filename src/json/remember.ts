/** Remembers what is made of values that come again and again: most of an audit event was said by an earlier one. */

/** Of each object that stands for all that are equal to it: what was made of it, by the number of the function that made it. */
const MADE = new WeakMap<object, unknown[]>();

/**
 * Says that this object, which nobody changes, stands for all that are equal to it: whoever reads the same text again
 * gives the same object. Only then is it worth remembering what was made of it.
 */
export function share<T extends object>(value: T): T {
	if (!MADE.has(value)) MADE.set(value, []);
	return value;
}

export function isShared(value: object): boolean {
	return MADE.has(value);
}

let functions = 0;

/**
 * The same function, of which the results for shared objects are remembered as long as the object lives; a pure function,
 * then. Of other objects it is called anew each time: remembering costs more than most of them are worth.
 */
export function rememberEach<K extends object, V>(make: (key: K) => V): (key: K) => V {
	const number = functions++;
	return (key) => {
		const made = MADE.get(key);
		if (made === undefined) return make(key);
		const known = made[number];
		if (known !== undefined) return known as V;
		const result = make(key);
		made[number] = result;
		return result;
	};
}

/** Longer texts are rarely equal to an earlier one. */
const TEXT_LENGTH_MAX = 512;
const TEXTS_MAX = 2048;
/** Together, so that a flood of long texts takes no more memory than what is usual. */
const CHARACTERS_MAX = 128 * 1024;

/** The same function, of which the results for texts that came lately are remembered. */
export function rememberTexts<V>(make: (text: string) => V, textsMax = TEXTS_MAX): (text: string) => V {
	// Two generations: what was asked for since the last change of generations survives the next.
	let young = new Map<string, V>();
	let old = new Map<string, V>();
	let characters = 0;
	return (text) => {
		const known = young.get(text);
		if (known !== undefined) return known;
		const made = old.get(text) ?? make(text);
		if (text.length > TEXT_LENGTH_MAX) return made;
		characters += text.length;
		if (young.size >= textsMax || characters > CHARACTERS_MAX) [old, young, characters] = [young, new Map(), text.length];
		young.set(text, made);
		return made;
	};
}
