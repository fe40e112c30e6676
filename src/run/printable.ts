/** Makes text from events fit for a terminal. */

/** Names and values are anybody's: what a terminal would obey is shown, not sent. At most `charsMax` characters of them are. */
export function printable(text: string, charsMax: number): string {
	const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
	return clean.length > charsMax ? `${clean.slice(0, charsMax - 1)}…` : clean;
}
