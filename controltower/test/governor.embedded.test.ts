import type { AlertAnswer, RetrainDecision } from "@marquee/shared/contracts/retrain-decision";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Scheduler } from "../src/scheduler/scheduler.ts";
import { createSchedulerHarness, type SchedulerHarness } from "./scheduler-harness.ts";

let harness: SchedulerHarness;
let scheduler: Scheduler;
beforeEach(async () => {
  harness = await createSchedulerHarness();
  scheduler = harness.schedule();
});
afterEach(() => harness.close());

interface AlertOptions {
  name?: string;
  fingerprint?: string;
  startsAt?: string;
  status?: "firing" | "resolved";
  action?: string;
}

/** As Alertmanager 0.28 posts it. */
function webhookOf(...alerts: AlertOptions[]) {
  return {
    version: "4",
    groupKey: '{}:{alertname="LiveErrorHigh"}',
    truncatedAlerts: 0,
    status: "firing",
    receiver: "retrain",
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://alertmanager:9093",
    alerts: alerts.map(
      ({
        name = "LiveErrorHigh",
        fingerprint = "f1",
        startsAt = "2026-03-10T10:00:00.123456789Z",
        status,
        action,
      }) => ({
        status: status ?? "firing",
        labels: { alertname: name, severity: "warning", action: action ?? "retrain" },
        annotations: { summary: "The live error is high." },
        startsAt,
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "http://prometheus:9090/graph",
        fingerprint,
      }),
    ),
  };
}

async function post(alerts: AlertOptions[], { http }: Scheduler = scheduler): Promise<AlertAnswer[]> {
  const answer = await http.inject({ method: "POST", url: "/webhooks/alertmanager", payload: webhookOf(...alerts) });
  expect(answer.statusCode).toBe(200);
  return answer.json().answers;
}

async function decisions(): Promise<RetrainDecision[]> {
  return (await scheduler.http.inject({ url: "/api/decisions" })).json().decisions;
}

async function runs(): Promise<{ run_id: string; trigger: string }[]> {
  return harness.database.query("select run_id, trigger from pipeline_runs order by created_at");
}

describe("the retrain governor", () => {
  it("starts one run for an alert that comes twice, and keeps both answers", async () => {
    await harness.addMatureFilms(1);
    const [first] = await post([{}]);
    expect(first).toMatchObject({ accepted: true, code: "ACCEPTED" });
    const [again] = await post([{}]);
    expect(again).toMatchObject({ accepted: false, code: "ALREADY_ACTED_UPON", runId: null });
    expect(await runs()).toEqual([{ run_id: first?.runId, trigger: "alert" }]);
    expect(await harness.statuses(first?.runId ?? "")).toEqual({
      features: "queued",
      train: "waiting",
      gate: "waiting",
    });
    const kept = (await decisions()).map(({ code, runId, times }) => ({ code, runId, times }));
    expect(kept).toContainEqual({ code: "ACCEPTED", runId: first?.runId, times: 1 });
    expect(kept).toContainEqual({ code: "ALREADY_ACTED_UPON", runId: null, times: 1 });
  });

  it("accepts one of many alerts that come at once", async () => {
    await harness.addMatureFilms(1);
    const other = harness.schedule();
    const answers = await Promise.all([
      post([{}]),
      post([{}], other),
      post([{ fingerprint: "f2" }]),
      post([{ fingerprint: "f3" }], other),
    ]);
    expect(answers.flat().filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
  });

  it("counts how often it has refused an alert for the same reason, and accepts it once the reason is gone", async () => {
    for (let i = 0; i < 3; i++) expect((await post([{}]))[0]?.code).toBe("NO_NEW_RATINGS");
    expect(await decisions()).toMatchObject([{ code: "NO_NEW_RATINGS", times: 3, accepted: false }]);
    await harness.addMatureFilms(1);
    expect((await post([{}]))[0]?.code).toBe("ACCEPTED");
  });

  it("counts films that the champion was not trained on", async () => {
    await harness.addMatureFilms(10);
    await harness.promote(10);
    expect((await post([{}]))[0]).toMatchObject({ code: "NO_NEW_RATINGS" });
    await harness.addMatureFilms(4);
    expect((await post([{ name: "PredictionDrift" }]))[0]).toMatchObject({
      code: "TOO_FEW_NEW_RATINGS",
      reason: "There are 4 new mature ratings; without measured decay 5 are needed.",
    });
    await harness.addMatureFilms(1);
    expect((await post([{ name: "PredictionDrift" }]))[0]).toMatchObject({ code: "ACCEPTED" });
  });

  it("does not count films without enough votes or without features", async () => {
    await harness.addMatureFilms(3);
    await harness.database.execute("update imdb_ratings set votes = 49 where imdb_number = 1");
    await harness.database.execute("delete from feature_movies where tmdb_id = 2");
    await harness.promote(1);
    expect((await post([{}]))[0]).toMatchObject({ code: "NO_NEW_RATINGS" });
  });

  it("waits for a training run that was started by hand, and cools down after it", async () => {
    await harness.addMatureFilms(5);
    const { runId } = await scheduler.runs.trigger("train", { by: "test", reason: "Test.", parameters: {} });
    expect((await post([{}]))[0]).toMatchObject({
      code: "ALREADY_RUNNING",
      reason: `Training run ${runId} has not ended yet.`,
    });
    await harness.endRun(runId, "failed");
    expect((await post([{}]))[0]).toMatchObject({ code: "COOLING_DOWN" });
    await harness.endRun(runId, "failed", new Date(Date.now() - 3_601_000));
    expect((await post([{}]))[0]).toMatchObject({ code: "ACCEPTED" });
  });

  it("acts upon three alerts a day", async () => {
    await harness.addMatureFilms(5);
    for (const fingerprint of ["a", "b", "c"]) {
      const [answer] = await post([{ fingerprint }]);
      expect(answer?.code).toBe("ACCEPTED");
      await harness.endRun(answer?.runId ?? "", "succeeded", new Date(Date.now() - 3_601_000));
    }
    expect((await post([{ fingerprint: "d" }]))[0]?.code).toBe("TOO_MANY_TODAY");
    // The same alert, that has stopped and begun again, is another.
    expect((await post([{ fingerprint: "a", startsAt: "2026-03-11T10:00:00Z" }]))[0]?.code).toBe("TOO_MANY_TODAY");
  });

  it("keeps nothing of alerts that ask for no retrain", async () => {
    await harness.addMatureFilms(1);
    const answers = await post([{ status: "resolved" }, { action: "page" }]);
    expect(answers.map(({ code }) => code)).toEqual(["RESOLVED", "NOT_FOR_RETRAIN"]);
    expect(await decisions()).toEqual([]);
    expect(await runs()).toEqual([]);
  });

  it("counts its answers", async () => {
    await post([{}]);
    const { body } = await scheduler.http.inject({ url: "/metrics" });
    expect(body).toMatch(/marquee_retrain_decisions_total\{code="NO_NEW_RATINGS".*\} 1/);
  });

  it.each<[string, AlertOptions, { path: string }[]]>([
    ["a fingerprint without end", { fingerprint: "f".repeat(201) }, [{ path: "alerts[0].fingerprint" }]],
    ["a start before all years", { startsAt: "0001-01-01T00:00:00+23:59" }, [{ path: "alerts[0].startsAt" }]],
    ["a name that no database can keep", { name: "a\u0000b" }, [{ path: "alerts[0].labels" }]],
    ["a character that no database can keep", { fingerprint: "a\u0000b" }, [{ path: "alerts[0].fingerprint" }]],
  ])("refuses %s", async (_what, alert, errors) => {
    const payload = webhookOf(alert);
    const answer = await scheduler.http.inject({ method: "POST", url: "/webhooks/alertmanager", payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: "REQUEST_INVALID", errors });
  });

  it("refuses what is not Alertmanager's", async () => {
    const answer = await scheduler.http.inject({
      method: "POST",
      url: "/webhooks/alertmanager",
      payload: { alerts: [] },
    });
    expect(answer.statusCode).toBe(400);
  });
});
