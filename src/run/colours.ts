/** Colours where a person looks at a terminal, none in a pipe: the library alone would colour pipes in CI, too. */

import picocolors from "picocolors";

const coloursFor = (stream: { readonly isTTY?: boolean }): ReturnType<typeof picocolors.createColors> =>
	picocolors.createColors(picocolors.isColorSupported && stream.isTTY === true);

export const errColours = coloursFor(process.stderr);
export const outColours = coloursFor(process.stdout);
