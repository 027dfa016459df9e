import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { schedulerSettings } from "@marquee/controltower/scheduler/env";
import { servingSettings } from "@marquee/controltower/serving/env";
import { eventsSettings } from "@marquee/nervous/events/env";
import { logsSettings } from "@marquee/nervous/logs/env";
import { qualitySettings } from "@marquee/nervous/quality/env";
import { featureServerSettings } from "@marquee/workhorse/feature-server/env";
import { workerSettings } from "@marquee/workhorse/worker/env";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { cliSettings } from "../cli/env.ts";
import { localSettings } from "../local/env.ts";
import { SERVERS } from "../network.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const compose = (server: string) => read(`docker-compose.${server}.yml`);

/** Names of a file of settings, each line `NAME=value`. */
function namesOf(file: string): string[] {
  return [...read(file).matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name);
}

const PROCESSES = {
  worker: { server: "workhorse", settings: workerSettings },
  "feature-server": { server: "workhorse", settings: featureServerSettings },
  "serving-blue": { server: "controltower", settings: servingSettings },
  "serving-green": { server: "controltower", settings: servingSettings },
  scheduler: { server: "controltower", settings: schedulerSettings },
  logs: { server: "nervous", settings: logsSettings },
  events: { server: "nervous", settings: eventsSettings },
  quality: { server: "nervous", settings: qualitySettings },
} as const;

/** Set by the image. */
const OF_THE_IMAGE = ["MARQUEE_ENV", "HOST", "PORT", "SPOOL_FOLDER"];
/** In the server's folder of secrets, made by make-secrets.sh. */
const SECRET =
  /^(DATABASE_URL|REDIS_URL|KAFKA_(BROKERS|USERNAME|PASSWORD)|MLFLOW_TRACKING_(USERNAME|PASSWORD)|ELASTICSEARCH_(URL|USERNAME|PASSWORD)|TMDB_API_KEY|SCHEDULER_API_TOKEN|FEATURE_SERVER_TOKEN|ALERTMANAGER_WEBHOOK_TOKEN)$/;
/** For another layout than that of the three servers, or never to be changed there. */
const LEFT_AS_THEY_ARE = [
  "LOG_LEVEL",
  "S3_ENDPOINT",
  "KAFKA_TLS",
  "KAFKA_SASL_MECHANISM",
  "SPOOL_MAX_MEGABYTES",
  "ELASTICSEARCH_API_KEY",
  "WORKER_CONCURRENCY",
  "TASK_MEMORY_MB",
  "DRAIN_SECONDS",
  "MODEL_POLL_MS",
  "TRAINING_BACKEND",
  "TRAINING_SEED",
  "TRAINING_TEST_FROM",
  "QUALITY_INTERVAL_SECONDS",
  "QUALITY_PSI_DAYS",
  "QUALITY_PSI_MIN_PREDICTIONS",
  "RETRAIN_MAX_PER_DAY",
  "RETRAIN_COOL_DOWN_SECONDS",
  "RETRAIN_MIN_NEW_RATINGS",
];

function environmentOf(server: string, service: string): string[] {
  const { services } = parse(compose(server), { merge: true }) as {
    services: Record<string, { environment?: Record<string, string> }>;
  };
  return Object.keys(services[service]?.environment ?? {});
}

describe.each(Object.entries(PROCESSES))("the container of %s", (service, { server, settings }) => {
  const given = environmentOf(server, service);
  const known = Object.keys(settings.shape);

  it("is given each of its settings, but secrets and what nobody changes on a server", () => {
    const elsewhere = new Set([...OF_THE_IMAGE, ...LEFT_AS_THEY_ARE]);
    expect(known.filter((name) => !given.includes(name) && !elsewhere.has(name) && !SECRET.test(name))).toEqual([]);
  });

  it("is given nothing that it does not know, and no secret", () => {
    const forAll = ["MARQUEE_PROFILE", "OBJECT_STORE_URL", "AWS_REGION", "LOG_RETENTION_DAYS"];
    expect(given.filter((name) => !known.includes(name) && !forAll.includes(name))).toEqual([]);
    expect(given.filter((name) => SECRET.test(name))).toEqual([]);
  });
});

describe("infra/deploy/settings.env.example", () => {
  const names = namesOf("infra/deploy/settings.env.example");
  const used = SERVERS.flatMap((server) => [...compose(server).matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name));

  it("has every setting that a Compose file takes, but TLS towards Elasticsearch, for which nothing makes certificates", () => {
    expect([...new Set(used)].filter((name) => !names.includes(name ?? ""))).toEqual(["ELASTICSEARCH_TLS"]);
  });

  it("has no setting that neither a Compose file nor a script of the deployment takes", () => {
    const scripts = globSync("infra/deploy/*.sh", { cwd: root }).map(read).join("\n");
    expect(names.filter((name) => !used.includes(name) && !scripts.includes(name))).toEqual([]);
  });

  it("has each setting once", () => {
    expect(names).toEqual([...new Set(names)]);
  });
});

describe(".env.example", () => {
  const names = namesOf(".env.example");
  const known = new Set(
    [localSettings, cliSettings, ...Object.values(PROCESSES).map(({ settings }) => settings)].flatMap(({ shape }) =>
      Object.keys(shape),
    ),
  );

  it("has every setting of npm start, once", () => {
    expect(Object.keys(localSettings.shape).filter((name) => !names.includes(name))).toEqual([]);
    expect(names).toEqual([...new Set(names)]);
  });

  it("has no setting that no process reads", () => {
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});
