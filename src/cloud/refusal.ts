/** Why an object store did not do what it was asked, told alike for all clouds, without anything secret. */

/** An answer that is neither success nor conflict, or no answer. */
export interface Refusal {
	readonly status: "refused";
	/** Waiting may help: throttling, an outage, a broken connection. Otherwise somebody must change something. */
	readonly mayPass: boolean;
	/** Completes "cannot read/write X: ". */
	readonly reason: string;
	/** How long the service asked us to wait. */
	readonly retryAfterMs?: number;
}

/** What a vendor's error says, by its own names. */
export interface Complaint {
	/** HTTP status; undefined: there was no answer. */
	readonly httpStatus: number | undefined;
	/** "SlowDown", "ECONNRESET", ... */
	readonly code: string;
	/** The error's own text; told only if there was no answer, since services quote requests. */
	readonly text: string;
	/** The header Retry-After. */
	readonly retryAfter?: string | null | undefined;
}

/** What a cloud calls the things that may be wrong. */
export interface Words {
	/** The permissions that the call needs: told on a 403. */
	readonly permissions: string;
	/** Told on a 404 that is not the object's. */
	readonly bucket: string;
	/** Codes with which the service refuses the credentials themselves, whatever they may do. */
	readonly badCredentials: RegExp;
	/** Codes that pass by themselves though their HTTP status says otherwise. */
	readonly passing: RegExp;
}

const TEXT_CHARACTERS_MAX = 200;

export function refusalOf(complaint: Complaint, words: Words): Refusal {
	const { httpStatus, code } = complaint;
	if (httpStatus === undefined) return refused(true, withoutAnswer(complaint));
	const said = `${httpStatus} ${code}`.trim();
	const retryAfterMs = millisecondsOf(complaint.retryAfter);
	const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
	if (httpStatus === 429 || httpStatus === 503) return { ...refused(true, `the service is busy (${said})`), ...wait };
	if (words.passing.test(code)) return { ...refused(true, `the service says ${said}`), ...wait };
	// A token that expired on its way is replaced with the next call.
	if (httpStatus === 401) return refused(true, `the credentials are not accepted (${said})`);
	if (words.badCredentials.test(code)) return refused(false, `the credentials are not accepted (${said})`);
	if (httpStatus === 403) return refused(false, `permission denied (${said}), grant ${words.permissions}`);
	if (httpStatus === 404) return refused(false, `${words.bucket} does not exist, make it or name another (${said})`);
	// 2xx: an answer that lacks what it must have, as a proxy in between may give. 501: the store knows no conditional writes.
	const mayPass = httpStatus < 300 || httpStatus === 408 || (httpStatus >= 500 && httpStatus !== 501);
	return refused(mayPass, `the service says ${said}`);
}

export function refused(mayPass: boolean, reason: string): Refusal {
	return { status: "refused", mayPass, reason };
}

/** Seconds only; a date would be by the service's clock. */
function millisecondsOf(retryAfter: string | null | undefined): number | undefined {
	return retryAfter != null && /^\d{1,5}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}

/** Addresses are left out: they may bear a signature, and the caller tells where the object lies. */
function withoutAnswer({ code, text }: Complaint): string {
	const line = text
		.replace(/https?:\/\/\S+/g, "the address")
		.replace(/[\s\p{Cc}]+/gu, " ")
		.trim()
		.slice(0, TEXT_CHARACTERS_MAX);
	const isTelling = /^[A-Z][A-Z0-9_]+$/.test(code) && !line.includes(code);
	return isTelling ? `${code} ${line}`.trim() : line || "no answer";
}
