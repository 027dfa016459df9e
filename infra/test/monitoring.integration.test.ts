import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documentOf, LOG_MAPPINGS } from "@marquee/shared/backing/log-store/log-document";
import { type Alert, alertmanagerWebhookSchema } from "@marquee/shared/contracts/alertmanager-webhook";
import { logLineSchema } from "@marquee/shared/contracts/log-line";
import { systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { ownServers, serverSetting } from "@marquee/shared/testing/real-servers";
import axios from "axios";
import { type FastifyInstance, fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_PANELS } from "../kibana/log-panel.ts";
import { checkPanels } from "../monitoring/check-panels.ts";
import { AS_SHIPPED, type MonitoringOptions } from "../monitoring/monitoring-files.ts";
import { writeMonitoringFiles } from "../monitoring/write-files.ts";
import { JOBS, type Targets } from "../prometheus/jobs.ts";
import { findTool } from "../testing/deploy-tools.ts";
import { type ExposedMetrics, exposeMetrics } from "../testing/exposed-metrics.ts";

// Everything that is asked here is on this machine.
const http = axios.create({ proxy: false });
const folder = mkdtempSync(join(tmpdir(), "marquee-monitoring-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const promtool = findTool("promtool");
const amtool = findTool("amtool");

const EVERYTHING_SET: MonitoringOptions = {
  ...AS_SHIPPED,
  scale: 0.02,
  credentialsFile: "/run/secrets/scrape",
  slack: { urlFile: "/run/secrets/slack", channel: "#marquee" },
};

describe.each([
  ["as shipped", AS_SHIPPED],
  ["scaled, with credentials and a channel", EVERYTHING_SET],
])("the files %s", (name, options) => {
  const place = (path: string) => join(folder, name, path);
  beforeAll(() => writeMonitoringFiles(join(folder, name), options));

  it.skipIf(promtool === undefined)("are accepted by Prometheus", async () => {
    // A secret lies on the server, not here, and promtool wants to see it.
    const config = readFileSync(place("infra/prometheus/prometheus.yml"), "utf8");
    const secret = join(folder, "secret");
    writeFileSync(secret, "secret");
    writeFileSync(place("infra/prometheus/prometheus.yml"), config.replaceAll("/run/secrets/scrape", secret));
    expect(await promtool?.run(["check", "config", place("infra/prometheus/prometheus.yml")])).toMatchObject({
      code: 0,
      text: expect.stringMatching(/1 rule files found[\s\S]*12 rules found/),
    });
  });

  it.skipIf(amtool === undefined)("are accepted by Alertmanager", async () => {
    expect(await amtool?.run(["check-config", place("infra/alertmanager/alertmanager.yml")])).toMatchObject({
      code: 0,
      text: expect.stringMatching(/SUCCESS[\s\S]*2 receivers/),
    });
  });
});

describe.skipIf(promtool === undefined)("the alert rules", () => {
  const rules = join(import.meta.dirname, "../prometheus");
  const tests = ["rules.test.yml", "rules-looking-back.test.yml"];

  it("do what their tests say", async () => {
    expect(await promtool?.run(["test", "rules", ...tests.map((file) => join(rules, file))])).toMatchObject({
      code: 0,
      text: expect.stringMatching(/SUCCESS[\s\S]*SUCCESS/),
    });
  });

  it.each([
    ["a margin of 10 %", "1.15 *", "1.1 *"],
    ["40 films", ">= 50", ">= 40"],
    ["any version against any other", "on (model, version) 1.15", "on (model) 1.15"],
    ["one colour that is off", "sum(up", "min(up"],
    ["25 hours", "> 93600", "> 90000"],
    ["no eye for what is missing", "or (absent", "and (absent"],
    ["no patience over a restart", "keep_firing_for: 10m", "keep_firing_for: 1s"],
    ["a warning that counts as a stop", "marquee_quality_verdict) >= 2", "marquee_quality_verdict) >= 1"],
    ["no eye for a refused file", 'metric="refused"', 'metric="refused today"'],
    ["an archive of two days", "> 259200", "> 172800"],
    ["half of the requests", "> 0.5", ">= 0.5"],
    ["films that are gone as failures", "ok|unchanged|not_found", "ok|unchanged"],
    ["requests since ever", "offset 1h", "offset 1w"],
    ["any pipeline for a backup", '{pipeline="backup"}', ""],
    ["no eye for a backup that never was", "or (time()", "and (time()"],
    ["rows that were there yesterday", "offset 1d", "offset 1w"],
    ["a growth that two workers tell twice", "max by (source, reason)", "sum by (source, reason)"],
    ["100 rows", "> 100", "> 101"],
    ["views that serving does not read", " or max by (view) (marquee_feature_view_age_seconds)", ""],
    ["a leak that is told as skew", 'wrong_films{kind="skew"}', "wrong_films"],
    [
      "skew that two workers tell twice",
      'max by (view) (marquee_feature_check_wrong_films{kind="skew"}',
      'sum by (view) (marquee_feature_check_wrong_films{kind="skew"}',
    ],
    [
      "no eye for a skew check that never was",
      'or (time() - max(process_start_time_seconds{job="scheduler"}) > 93600 unless on () marquee_feature',
      'and (time() - max(process_start_time_seconds{job="scheduler"}) > 93600 unless on () marquee_feature',
    ],
  ])("would fail them with %s", async (_change, shipped, changed) => {
    const text = readFileSync(join(rules, "rules.yml"), "utf8");
    expect(text).toContain(shipped);
    const place = mkdtempSync(join(folder, "changed-"));
    writeFileSync(join(place, "rules.yml"), text.replaceAll(shipped, changed));
    for (const file of tests) writeFileSync(join(place, file), readFileSync(join(rules, file)));
    expect(await promtool?.run(["test", "rules", ...tests.map((file) => join(place, file))])).toMatchObject({
      code: 1,
      text: expect.stringContaining("FAILED"),
    });
  });
});

const servers = ownServers();
const elasticsearchUrl = serverSetting("ELASTICSEARCH_URL") ?? "";

describe.skipIf(servers === undefined)("Prometheus and Alertmanager on the built files", () => {
  const token = randomBytes(12).toString("hex");
  let receiver: FastifyInstance;
  let processes: ExposedMetrics;
  let prometheusUrl = "";
  const received: { authorization: string | undefined; alert: Alert }[] = [];
  const isTold = (status: Alert["status"]) =>
    expect.poll(() => received.find(({ alert }) => alert.status === status), { timeout: 90_000, interval: 100 });

  beforeAll(async () => {
    processes = await exposeMetrics({ version: 3, liveRmse: 1.2, testedRmse: 1, films: 80 });
    receiver = fastify();
    receiver.post("/webhooks/alertmanager", ({ body, headers: { authorization } }) => {
      const { alerts } = alertmanagerWebhookSchema.parse(body);
      received.push(...alerts.map((alert) => ({ authorization, alert })));
      return {};
    });
    const address = await receiver.listen({ host: "127.0.0.1", port: 0 });
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, token);
    const options: MonitoringOptions = {
      ...AS_SHIPPED,
      scale: 0.02,
      targets: Object.fromEntries(JOBS.map((job) => [job, [processes.target]])) as unknown as Targets,
      webhookUrl: `${address}/webhooks/alertmanager`,
      webhookCredentialsFile: tokenFile,
    };
    await writeMonitoringFiles(folder, options);
    const routing = join(folder, "infra/alertmanager/alertmanager.yml");
    const alertmanager = await servers?.start(["alertmanager"], { ALERTMANAGER_CONFIG: routing });
    await writeMonitoringFiles(folder, {
      ...options,
      alertmanager: new URL(alertmanager?.ALERTMANAGER_URL ?? "").host,
    });
    const config = join(folder, "infra/prometheus/prometheus.yml");
    prometheusUrl = (await servers?.start(["prometheus"], { PROMETHEUS_CONFIG: config }))?.PROMETHEUS_URL ?? "";
  });
  afterAll(async () => {
    await servers?.wipe();
    await receiver?.close();
    await processes?.close();
  });

  it("have the shipped rules, and reach every job", async () => {
    const { data } = await http.get<{ data: { groups: { rules: { name: string; query: string }[] }[] } }>(
      `${prometheusUrl}/api/v1/rules`,
    );
    expect(data.data.groups.flatMap(({ rules }) => rules.map(({ name }) => name))).toEqual([
      "ServingDown",
      "LiveErrorHigh",
      "FeaturesStale",
      "QualityStopped",
      "ArchiveOld",
      "SourceFailing",
      "BackupOld",
      "QuarantineGrows",
      "FeatureLeak",
      "FeatureSkew",
      "FeatureSkewUnchecked",
      "FeatureServerDown",
    ]);
    const healthy = async () => {
      const targets = await http.get<{ data: { activeTargets: { labels: { job: string }; health: string }[] } }>(
        `${prometheusUrl}/api/v1/targets`,
      );
      return targets.data.data.activeTargets.filter(({ health }) => health === "up").map(({ labels }) => labels.job);
    };
    await expect.poll(async () => (await healthy()).sort(), { timeout: 30_000 }).toEqual([...JOBS].sort());
  });

  it("call the webhook with its token when live error is high, and again under the same fingerprint when a new version reigns", async () => {
    await isTold("firing").toMatchObject({
      authorization: `Bearer ${token}`,
      alert: {
        labels: { alertname: "LiveErrorHigh", action: "retrain", pipeline: "train", model: "rating", version: "3" },
        annotations: { description: expect.stringContaining("1.200") },
      },
    });
    const firing = received.find(({ alert }) => alert.status === "firing")?.alert;
    // What else the labels held would change with the process that computes them.
    expect(Object.keys(firing?.labels ?? {}).sort()).toEqual([
      "action",
      "alertname",
      "model",
      "pipeline",
      "severity",
      "version",
    ]);
    processes.champion = { version: 4, liveRmse: 0.9, testedRmse: 0.95, films: 80 };
    await isTold("resolved").toMatchObject({
      alert: { fingerprint: firing?.fingerprint, startsAt: firing?.startsAt, labels: { version: "3" } },
    });
    expect(new Set(received.map(({ alert }) => alert.labels.alertname))).toEqual(new Set(["LiveErrorHigh"]));
  });

  it.skipIf(elasticsearchUrl === "")("give every panel of all dashboards something to show", async () => {
    const index = `logs-marquee-test-${randomBytes(6).toString("hex")}`;
    await http.put(`${elasticsearchUrl}/${index}`, { mappings: LOG_MAPPINGS });
    try {
      for (const line of [
        { level: "info", msg: "answered", traceId: "t-1", route: "/predict", status: 200, milliseconds: 12.5 },
        { level: "error", msg: "request failed", traceId: "t-1", err: { code: "INTERNAL" } },
      ]) {
        const id = uuidv7(systemClock);
        const own = { id, time: new Date().toISOString(), service: "serving", instance: index };
        const document = documentOf(logLineSchema.parse({ ...own, ...line }));
        await http.put(`${elasticsearchUrl}/${index}/_create/${id}?refresh=true`, document);
      }
      const results = await checkPanels({ prometheusUrl, elasticsearchUrl, minutes: 5 });
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      // Also of the panels that may be empty at first.
      expect(results.filter(({ found }) => found === 0)).toEqual([]);
      expect(results.length).toBeGreaterThan(50);
    } finally {
      await http.delete(`${elasticsearchUrl}/${index}`);
    }
  });

  it("are said to fall short, panel by panel, where nothing is found or nobody answers", async () => {
    const results = await checkPanels({
      prometheusUrl,
      elasticsearchUrl: "http://127.0.0.1:9",
      now: new Date("2020-01-01T00:00:00Z"),
    });
    const problems = Map.groupBy(results, ({ problem }) => problem);
    expect(problems.get("no series has a value")?.length).toBeGreaterThan(25);
    const unreachable = results.filter(({ dashboard }) => dashboard === "Kibana");
    expect(unreachable.map(({ ok }) => ok)).toEqual(LOG_PANELS.map(() => false));
    expect(unreachable[0]?.problem).toContain("ECONNREFUSED");
  });
});
