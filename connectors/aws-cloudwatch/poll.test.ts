/** Listing a log group: all pages to the documented end, whatever the service does on the way. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import { type FaultRates, seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { Answer, Client, FilterLogEventsRequest } from "./client.ts";
import { decode } from "./decode.ts";
import { createList } from "./poll.ts";
import { serviceError } from "./service-error.ts";
import {
	ALL,
	attemptOf,
	GROUP,
	modelOf,
	NOW_MS,
	once,
	pagesOf,
	plantMany,
	REGION,
	recordsOf,
	SCOPE,
	SIGNAL,
	serialOf,
} from "./test-service.ts";

/** A service that answers what it is told to, and keeps what it was asked. */
function scripted(answers: readonly (Answer | Error)[]) {
	const asked: FilterLogEventsRequest[] = [];
	const client: Client = {
		async filterLogEvents(request) {
			asked.push(request);
			const answer = answers[asked.length - 1];
			if (answer === undefined || answer instanceof Error) throw answer ?? new Error("nothing more is scripted");
			return answer;
		},
		describeLogGroups: () => Promise.reject(new Error("not asked for")),
		startQuery: () => Promise.reject(new Error("not asked for")),
		getQueryResults: () => Promise.reject(new Error("not asked for")),
		[Symbol.asyncDispose]: async () => {},
	};
	return { client, asked };
}

const EVENT = {
	logStreamName: "kube-apiserver-audit-1",
	timestamp: 1_795_446_516_744,
	message: "{}",
	ingestionTime: 1_795_446_516_999,
	eventId: "36",
};

test("asks for the audit streams of the group, both ends of the window in whole milliseconds", async () => {
	const { client, asked } = scripted([{ events: [] }]);
	await pagesOf(client, {}, { fromMs: 1000.5, toMs: 2000.5 });
	assert.deepEqual(asked, [
		{ region: REGION, logGroup: GROUP, logStreamNamePrefix: "kube-apiserver-audit-", startTime: 1000, endTime: 2001 },
	]);
});

test("the hyphen matters: the API server's own log is not among the records", async () => {
	const { model } = modelOf();
	const serials = plantMany(model, 3);
	model.put({ logStreamName: "kube-apiserver-0f1e", timestamp: NOW_MS, message: "I1123 klog" });
	model.put({ logStreamName: "authenticator-0f1e", timestamp: NOW_MS, message: "time=" });
	assert.deepEqual((await recordsOf(model.client())).map(serialOf), serials);
});

test("an empty page with a token goes on, and only the page without a token ends it", async () => {
	const { client, asked } = scripted([
		{ events: [], nextToken: "a" },
		{ events: [EVENT], nextToken: "b" },
		{ events: [], nextToken: "c" },
		{ events: [EVENT] },
	]);
	const records = await recordsOf(client);
	assert.equal(records.length, 2);
	assert.deepEqual(
		asked.map(({ nextToken }) => nextToken),
		[undefined, "a", "b", "c"],
	);
});

test("a null token, as emulators have it, is none", async () => {
	const { client } = scripted([{ events: [EVENT], nextToken: null } as unknown as Answer]);
	assert.equal((await recordsOf(client)).length, 1);
});

test("the first answer's time comes along with its page", async () => {
	const { client } = scripted([{ events: [EVENT], servedAtMs: 5000 }]);
	const [page] = await pagesOf(client);
	assert.equal(page?.kind === "page" ? page.servedAtMs : "", 5000);
});

test("a refused token ends the listing as one to begin anew; without a token it is the request that is bad", async () => {
	const refused = serviceError("InvalidParameterException", "The specified nextToken is invalid.");
	const listed = await pagesOf(scripted([{ events: [EVENT], nextToken: "a" }, refused]).client);
	assert.deepEqual(
		listed.map(({ kind }) => kind),
		["page", "restart"],
	);
	await assert.rejects(pagesOf(scripted([refused]).client), { code: "CONFIG_INVALID" });
});

test("the same token twice would never end", async () => {
	const { client } = scripted([
		{ events: [], nextToken: "a" },
		{ events: [], nextToken: "a" },
	]);
	await assert.rejects(pagesOf(client), { code: "SOURCE_UNAVAILABLE" });
});

test("success that is no page is never taken for an empty one", async () => {
	const { eventId: _, ...nameless } = EVENT;
	for (const answer of [
		{},
		{ events: null },
		{ events: "nonsense" },
		{ events: [nameless] },
		{ events: [{ ...EVENT, timestamp: "1" }] },
		{ events: [{ ...EVENT, message: undefined }] },
		{ events: [null] },
		{ events: [], nextToken: "" },
		{ events: [], nextToken: 1 },
		undefined,
		null,
		"text",
	]) {
		const client: Client = { ...scripted([]).client, filterLogEvents: async () => answer as Answer };
		await assert.rejects(
			pagesOf(client),
			(error) => error instanceof CollectorError && error.code === "SOURCE_UNAVAILABLE",
			JSON.stringify(answer),
		);
	}
});

const RATES: FaultRates = { throttle: 0.1, unavailable: 0.1, reset: 0.05, timeout: 0.05, garbled: 0.1, "expired-credentials": 0.05 };

test("through faults and oddities of every kind, a listing brings all there is", async () => {
	for (let seed = 0; seed < 50; seed++) {
		const random = randomOf(seed);
		const { clock, model } = modelOf({
			random,
			faults: seededFaults(random, RATES),
			limits: { pageEventsMax: 7, callsPerSecond: 3 },
			oddities: { short: 0.3, empty: 0.3, lateEnd: 0.5, overlapping: 0.3, unordered: 0.3 },
		});
		const serials = plantMany(model, 60);
		const attempt = attemptOf(clock, 10);
		const records = await clock.run(recordsOf(model.client(), { attempt }));
		assert.deepEqual(new Set(records.map(serialOf)), new Set(serials), `seed ${seed}`);
		assert.equal(new Set(records.map(({ id }) => id)).size, serials.length);
	}
});

test("what is not visible yet is not there, and is once it is", async () => {
	const { clock, model } = modelOf();
	model.put({ logStreamName: EVENT.logStreamName, timestamp: NOW_MS, message: "{}", visibleAtMs: NOW_MS + 90_000 });
	assert.equal((await recordsOf(model.client())).length, 0);
	await clock.run(clock.wait(90_000));
	assert.equal((await recordsOf(model.client())).length, 1);
});

test("a token that expired begins the listing anew", async () => {
	const { clock, model } = modelOf({ limits: { pageEventsMax: 2, tokenLifeMs: 1000 } });
	plantMany(model, 5);
	const list = createList({ client: model.client(), attempt: once, scope: SCOPE })(ALL, SIGNAL);
	const kinds: string[] = [];
	for await (const { kind } of list) {
		kinds.push(kind);
		await clock.run(clock.wait(1000));
	}
	assert.deepEqual(kinds, ["page", "restart"]);
});

test("denied names the permission and what it is missing on, and is not tried again", async () => {
	let calls = 0;
	const faults = () => {
		calls++;
		return "denied" as const;
	};
	const { clock, model } = modelOf({ faults });
	await assert.rejects(clock.run(recordsOf(model.client(), { attempt: attemptOf(clock) })), (error) => {
		assert.ok(error instanceof CollectorError);
		assert.equal(error.code, "ACCESS_DENIED");
		assert.match(error.message, /logs:FilterLogEvents on arn:aws:logs:eu-central-1:123456789012:log-group:/);
		return true;
	});
	assert.equal(calls, 1);
});

test("a group that is not there, and one of the wrong class, are faults of the settings", async () => {
	const { model } = modelOf({ groups: [{ name: GROUP, region: REGION, account: "123456789012", logGroupClass: "INFREQUENT_ACCESS" }] });
	await assert.rejects(recordsOf(model.client()), { code: "CONFIG_INVALID", message: /class STANDARD/ });
	const scope = { ...SCOPE, origin: { ...SCOPE.origin, logName: "/aws/eks/none/cluster" } };
	await assert.rejects(recordsOf(model.client(), { scope }), {
		code: "CONFIG_INVALID",
		message: /\/aws\/eks\/none\/cluster:\* does not exist/,
	});
});

test("an abort is the caller's own reason, at once, also while an answer is waited for", async () => {
	const { clock, model } = modelOf({ limits: { latencyMs: 10_000 } });
	const stop = new AbortController();
	const reason = new Error("stop");
	const listing = pagesOf(model.client(), { attempt: attemptOf(clock) }, ALL, stop.signal);
	const work = Promise.allSettled([listing]);
	await clock.run(clock.wait(100));
	stop.abort(reason);
	assert.deepEqual(await clock.run(work), [{ status: "rejected", reason }]);
});

test("a record knows its group and stream, and so decodes as EKS or as anybody's", async () => {
	const group = { name: "/copies/audit", region: REGION, account: "123456789012" };
	const { model } = modelOf({ groups: [group] });
	plantMany(model, 1);
	const [record] = await recordsOf(model.client(), {
		scope: { ...SCOPE, origin: { connector: "aws-cloudwatch", region: REGION, logName: group.name } },
	});
	assert.ok(record);
	const decoded = decode(record);
	assert.deepEqual(decoded.kind === "event" && [decoded.origin?.platform, decoded.origin?.logName], [undefined, "/copies/audit"]);
});
