import { openLogStore } from "@marquee/shared/backing/log-store/open-log-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { openTracking } from "@marquee/shared/backing/tracking/open-tracking";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import type { PipelineRun } from "@marquee/shared/contracts/pipeline-run";
import { createLogger } from "@marquee/shared/service/logger";
import { findInput } from "@marquee/shared/testing/inputs";
import { ownServers } from "@marquee/shared/testing/real-servers";
import axios from "axios";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { checkPanels } from "../monitoring/check-panels.ts";
import { findTool } from "../testing/deploy-tools.ts";
import { missingFrom, missingLines } from "./count-by-id.ts";
import { type Load, type LoadReport, startLoad } from "./load-generator.ts";
import { PROCESS_NAMES } from "./product.ts";
import { type Loop, startLoop } from "./start-loop.ts";
import { createTimeline } from "./timeline.ts";
import { until } from "./until.ts";

const data = findInput("data", "the loop's tests");
const nginx = findTool("nginx", "the loop's tests");
const servers = data === undefined || !nginx ? undefined : ownServers();

const BEFORE = "2012-01-01";
const AFTER = "2014-06-01";
/** Films are announced so long before they are out. */
const ANNOUNCED_DAYS = 730;
/** Ratings of films released from then on are lower by so much than they were: the drift. */
const SHIFT = { from: BEFORE, by: -1 };
const EVENTS = 300;

const ALERT = "LiveErrorHigh";

const gateVerdictSchema = z.object({ detail: z.object({ promoted: z.boolean(), reasons: z.array(z.string()) }) });

describe.skipIf(servers === undefined)("the whole product on real servers", () => {
  const timeline = createTimeline(process.stdout);
  let loop: Loop;
  let database: Database;
  let load: Load | undefined;
  let report: LoadReport;
  const eventIds: string[] = [];

  beforeAll(async () => {
    if (!servers || !nginx || data === undefined) return;
    loop = await startLoop({ nginx: nginx.path, servers, data, asOf: BEFORE, announcedDays: ANNOUNCED_DAYS, timeline });
    database = connectDatabase({ url: loop.settings.DATABASE_URL ?? "", log: createLogger("test", "silent") });
  });
  afterAll(async () => {
    await load?.stop();
    await database?.close();
    await loop?.end();
  });

  it("has a champion, trained on what was known then, in MLflow too", async () => {
    const { control } = loop;
    await until("a daily run has ended", 800, async () =>
      (await control.runs("daily")).some(({ status }) => status === "succeeded"),
    );
    timeline.note("collected, loaded, features built and materialised, by the schedule");
    expect(await control.run("train", "the loop")).toMatchObject({ status: "succeeded" });
    await until("serving answers with version 1", 120, async () => (await control.championVersion()) === 1);
    timeline.note("version 1 is champion and answers");
    expect(await mlflowChampion()).toBe(1);
  });

  it("predicts coming films, and loses nothing while Kafka is killed and comes back", async () => {
    const coming = await loop.world.comingFilms();
    expect(coming.length).toBeGreaterThan(300);
    load = startLoad({ address: loop.edge.address, tmdbIds: coming, concurrency: 2, pauseMs: 20 });
    await load.answeredBy(1);
    timeline.note(`applications ask for predictions of ${coming.length} coming films`);
    const sending = sendEvents(EVENTS);
    await servers?.kill("kafka");
    timeline.note("Kafka was killed");
    await load.answersMore(200);
    await servers?.start(["kafka"]);
    timeline.note("Kafka is back");
    eventIds.push(...(await sending));
    await load.answersMore(coming.length);
  });

  it("turns a change in the world into a new model in production, with nobody's hand in it", async () => {
    const { control, world, monitoring } = loop;
    await world.shiftRatings(SHIFT);
    const { films, rated } = await world.moveTo(AFTER);
    timeline.note(
      `the world moves on to ${AFTER}: ${films} films, ${rated} rated, those since ${SHIFT.from} by ${SHIFT.by}`,
    );
    await until("the alert waits", 800, async () => (await monitoring.alertState(ALERT)) !== undefined);
    timeline.note(`${ALERT}: live error is above its bound`);
    await until("the alert fires", 300, async () => (await monitoring.alertState(ALERT)) === "firing");
    timeline.note(`${ALERT} fires`);
    const accepted = await until("the governor has accepted", 300, async () =>
      (await control.decisions()).find((one) => one.accepted),
    );
    timeline.note(`the governor accepts: ${accepted.reason}`);
    const retrain = await control.ended(accepted.runId ?? "");
    expect(retrain).toMatchObject({ status: "succeeded", trigger: "alert" });
    timeline.note("the training run has ended");
    const { promoted, reasons } = verdictOf(retrain);
    timeline.note(`the gate ${promoted ? "promotes" : "refuses"}: ${reasons.join(" ")}`);
    expect(promoted).toBe(true);
    await load?.answeredBy(2);
    timeline.note("version 2 answers");
    expect(await mlflowChampion()).toBe(2);
    await until(
      "the alert is resolved",
      300,
      async () => !(await monitoring.isActive(ALERT)) && (await monitoring.alertState(ALERT)) === undefined,
    );
    timeline.note(`${ALERT} is resolved`);
    const retrains = (await control.runs("train")).filter(({ trigger }) => trigger === "alert");
    expect(retrains).toHaveLength(1);
  });

  it("has lost none of its processes", () => {
    expect(loop.product.fallen()).toEqual([]);
  });

  it("has not failed one request meanwhile", async () => {
    report = (await load?.stop()) as LoadReport;
    timeline.note(
      `${report.answered} predictions answered, ${report.failures.length} failed; p50 ${report.p50.toFixed(1)} ms, p99 ${report.p99.toFixed(1)} ms`,
    );
    expect(report.failures).toEqual([]);
    expect(Object.keys(report.byVersion)).toEqual(["1", "2"]);
  });

  it("finds the log of one request by its trace id in Elasticsearch", async () => {
    const traceId = report.traceIds.at(-1) ?? "";
    const store = await openLogs();
    const lines = await until("its lines are found", 300, async () => {
      const found = await store.find({ traceId });
      return found.length > 0 && found;
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ service: "serving", traceId, route: "/predict", status: 200 }),
    );
    await store.close();
  });

  it("misses no prediction, no event and no log line", async () => {
    const stored = (sql: string) => async () => (await database.query<{ id: string }>(sql)).map(({ id }) => id);
    const predictions = await missingFrom(report.traceIds, stored("select trace_id as id from predictions"));
    const events = await missingFrom(eventIds, stored("select event_id as id from user_events"));
    const printed = loop.product.lineIds();
    const lines = await missingLines(printed, loop.settings.ELASTICSEARCH_URL ?? "");
    timeline.note(
      `by id: ${report.traceIds.length} predictions, ${eventIds.length} events, ${printed.size} log lines; missing ${predictions.length}, ${events.length}, ${lines.length}`,
    );
    expect({ predictions, events, lines }).toEqual({ predictions: [], events: [], lines: [] });
    expect(eventIds).toHaveLength(EVENTS);
  });

  it("has data in every panel of its dashboards", async () => {
    const { PROMETHEUS_URL: _own, ELASTICSEARCH_URL: elasticsearchUrl = "" } = loop.settings;
    const panels = await checkPanels({ prometheusUrl: loop.monitoring.prometheusUrl, elasticsearchUrl });
    timeline.note(`${panels.length} panels of Grafana and Kibana were asked`);
    expect(panels.filter(({ ok }) => !ok)).toEqual([]);
  });

  it("refuses to train again without new data, and the champion stays, each refusal with its reason", async () => {
    const { control, monitoring } = loop;
    await monitoring.raise({
      labels: { alertname: ALERT, action: "retrain", pipeline: "train", model: RATING_MODEL, version: "2" },
      startsAt: new Date(),
    });
    const refused = await until("the governor has refused", 300, async () =>
      (await control.decisions()).find(({ code }) => code === "NO_NEW_RATINGS"),
    );
    timeline.note(`the governor refuses: ${refused.reason}`);
    const run = await control.run("train", "the loop");
    const { promoted, reasons } = verdictOf(run);
    timeline.note(`the gate ${promoted ? "promotes" : "refuses"}: ${reasons.join(" ")}`);
    expect(promoted).toBe(false);
    expect(await control.championVersion()).toBe(2);
    expect(await mlflowChampion()).toBe(2);
  });

  it("stops clean", async () => {
    const codes = await loop.product.stop();
    expect(codes).toEqual(Object.fromEntries(PROCESS_NAMES.map((name) => [name, 0])));
    timeline.note("all processes have stopped");
  });

  function verdictOf(run: PipelineRun): { promoted: boolean; reasons: string[] } {
    const gate = run.tasks.find(({ task }) => task === "gate");
    return gateVerdictSchema.parse(gate?.output).detail;
  }

  async function mlflowChampion(): Promise<number | undefined> {
    const tracking = openTracking({ MLFLOW_TRACKING_URI: loop.settings.MLFLOW_TRACKING_URI });
    const version = (await tracking?.aliases(RATING_MODEL))?.champion;
    await tracking?.close();
    return version;
  }

  function openLogs() {
    const { ELASTICSEARCH_URL } = loop.settings;
    return openLogStore({ settings: { ELASTICSEARCH_URL }, database });
  }

  /** @returns ids of the events that were taken */
  async function sendEvents(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const event = { type: "rating", userId: `user-${i % 17}`, tmdbId: 100 + i, rating: i % 11 };
      const { data: taken } = await axios.post<{ id: string }>(`${loop.edge.address}/events`, event, { proxy: false });
      ids.push(taken.id);
    }
    return ids;
  }
});
