import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import type { EntriesPage, ListRequest } from "./client.ts";
import { listedEntry } from "./listed-entry.ts";
import { refusal, restError } from "./model-refusal.ts";
import { createList } from "./poll.ts";
import { sampleEntry } from "./sample-entry.ts";
import { ALL, listed, once, RESOURCE, settingsOf, untilGood } from "./test-service.ts";

const page = (...ids: readonly string[]): EntriesPage => ({
	entries: ids.map((insertId) => listedEntry(Buffer.from(JSON.stringify(sampleEntry({ insertId }))))),
});
const more = (token: string, ...ids: readonly string[]): EntriesPage => ({ ...page(...ids), nextPageToken: token });

/** A client that answers by list; what it was asked is kept. */
function clientOf(answers: readonly unknown[]) {
	const asked: ListRequest[] = [];
	const left = [...answers];
	return {
		asked,
		async listEntries(request: ListRequest): Promise<EntriesPage> {
			asked.push(request);
			const answer = left.shift() ?? page();
			if (answer instanceof Error) throw answer;
			return answer as EntriesPage;
		},
	};
}

function listOf(client: ReturnType<typeof clientOf>, settings: object = {}, attempt = once) {
	return createList({ client, attempt, resource: RESOURCE, settings: settingsOf(settings) });
}

const idsOf = async (client: ReturnType<typeof clientOf>): Promise<readonly unknown[]> =>
	(await listed(listOf(client))).map(({ body }) => (JSON.parse(Buffer.from(body).toString()) as { insertId: unknown }).insertId);

test("only the lack of a token ends a listing, and all pages are asked with the same parameters", async () => {
	const client = clientOf([more("t1", "a"), more("t2"), more("t3"), page("b"), page("never")]);
	assert.deepEqual(await idsOf(client), ["a", "b"]);
	assert.deepEqual(
		client.asked.map(({ pageToken }) => pageToken),
		[undefined, "t1", "t2", "t3"],
	);
	const [first] = client.asked;
	for (const { pageToken: _, ...rest } of client.asked) assert.deepEqual(rest, first);
	assert.deepEqual([first?.resourceNames, first?.orderBy, first?.pageSize], [[RESOURCE], "timestamp asc", 1_000]);
});

test("a token that is refused begins the listing anew; the same refusal without a token is the settings' fault", async () => {
	const invalid = restError(refusal("invalid", "page_token doesn't match arguments from the request"));
	const client = clientOf([more("t1", "a"), invalid, more("t1", "a"), page("b")]);
	assert.deepEqual(await idsOf(client), ["a", "b"]);
	assert.deepEqual(
		client.asked.map(({ pageToken }) => pageToken),
		[undefined, "t1", undefined, "t1"],
	);
	await assert.rejects(listed(listOf(clientOf([invalid]))), (error) => error instanceof CollectorError && error.code === "CONFIG_INVALID");
});

test("what is too large is asked for in halves, and in full again once it went well", async () => {
	const tooLarge = Object.assign(new Error("large"), { code: "ERR_TOO_LARGE" });
	const client = clientOf([tooLarge, more("t", "a"), tooLarge, page("a", "b"), page()]);
	const list = listOf(client);
	assert.equal((await listed(list)).length, 2);
	await listed(list);
	await listed(list);
	assert.deepEqual(
		client.asked.map(({ pageSize }) => pageSize),
		[1_000, 500, 500, 250, 500, 1_000],
	);
	await assert.rejects(listed(listOf(clientOf([tooLarge]), { pageEntriesMax: 1 })), { code: "SOURCE_UNAVAILABLE" });
});

test("shapes that the types do not promise are faults of the service", async () => {
	for (const odd of [undefined, null, {}, { entries: "nonsense" }, { entries: [], nextPageToken: "" }, { entries: [], nextPageToken: 5 }]) {
		const client = clientOf([{ valueOf: odd }, page("a")]);
		client.listEntries = async () => odd as unknown as EntriesPage;
		await assert.rejects(listed(listOf(client)), (error) => error instanceof CollectorError && error.code === "SOURCE_UNAVAILABLE");
	}
});

test("faults that pass are tried again on the same page", async () => {
	const client = clientOf([more("t1", "a"), restError(refusal("unavailable", "")), restError(refusal("throttled", "")), page("b")]);
	assert.equal((await listed(listOf(client, {}, untilGood))).length, 2);
	assert.deepEqual(
		client.asked.map(({ pageToken }) => pageToken),
		[undefined, "t1", "t1", "t1"],
	);
});

test("the signal's reason ends a call, not what a library makes of it", async () => {
	const controller = new AbortController();
	const reason = new Error("stop");
	const client = {
		async listEntries(): Promise<EntriesPage> {
			controller.abort(reason);
			throw new Error("The operation was aborted");
		},
	};
	const list = createList({ client, attempt: once, resource: RESOURCE, settings: settingsOf() });
	await assert.rejects(listed(list, ALL, controller.signal), (error) => error === reason);
});
