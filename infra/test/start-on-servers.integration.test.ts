import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKafkaClient } from "@marquee/shared/backing/event-bus/kafka-client";
import { openLogStore } from "@marquee/shared/backing/log-store/open-log-store";
import { connectDatabase, type Database } from "@marquee/shared/backing/postgres/database";
import { createLogger } from "@marquee/shared/service/logger";
import { withDatabase } from "@marquee/shared/testing/embedded-setup";
import { type MarqueeProcess, startProcess } from "@marquee/shared/testing/marquee-process";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import axios from "axios";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeOwnFilms } from "../testing/own-films.ts";

const urls = {
  DATABASE_URL: serverSetting("DATABASE_URL") ?? "",
  REDIS_URL: serverSetting("REDIS_URL") ?? "",
  OBJECT_STORE_URL: serverSetting("OBJECT_STORE_URL") ?? "",
  KAFKA_BROKERS: serverSetting("KAFKA_BROKERS") ?? "",
  ELASTICSEARCH_URL: serverSetting("ELASTICSEARCH_URL") ?? "",
};
const PATIENT = { timeout: 60_000, interval: 50 };
const READY = /Marquee answers at (http:\/\/\S+) after/;
const FILMS = 700;
const log = createLogger("test", "silent");

describe.skipIf(Object.values(urls).includes(""))(
  "npm start on real PostgreSQL, Redis, S3, Kafka and Elasticsearch",
  () => {
    const name = `test_${randomBytes(6).toString("hex")}`;
    const home = mkdtempSync(join(tmpdir(), "marquee-servers-"));
    const data = join(home, "films");
    const settings: Record<string, string> = {
      ...urls,
      MARQUEE_HOME: home,
      DATABASE_URL: urls.DATABASE_URL && withDatabase(urls.DATABASE_URL, name),
      OBJECT_STORE_URL: `${urls.OBJECT_STORE_URL}/${name}`,
      // Once a year: no pipeline starts by itself amid a test.
      DAILY_SCHEDULE: "0 0 1 1 *",
      TRAIN_SCHEDULE: "0 0 1 1 *",
      RETENTION_SCHEDULE: "0 0 1 1 *",
      SKEW_SCHEDULE: "0 0 1 1 *",
    };
    for (const variable of ["S3_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
      settings[variable] = process.env[variable] ?? "";
    }
    /** The profile's name is in front of its topics and groups. */
    const profileFolder = () => readdirSync(home).find((entry) => entry.startsWith("recorded-")) ?? "";
    const removeTopics = async () => {
      const kafka = createKafkaClient(
        { KAFKA_BROKERS: urls.KAFKA_BROKERS, KAFKA_TLS: "false", KAFKA_SASL_MECHANISM: "plain" },
        "test",
        log,
      );
      const kafkaAdmin = kafka.admin();
      await kafkaAdmin.connect();
      const ours = (topic: string) => topic.startsWith(`${profileFolder()}.`);
      await kafkaAdmin.deleteTopics({ topics: (await kafkaAdmin.listTopics()).filter(ours) });
      const groups = (await kafkaAdmin.listGroups()).groups.map(({ groupId }) => groupId);
      await kafkaAdmin.deleteGroups(groups.filter(ours));
      await kafkaAdmin.disconnect();
    };
    const started: MarqueeProcess[] = [];
    const start = (changed: Record<string, string> = {}, folder = data) => {
      const args = ["infra/local/main.ts", "--port", "0", "--data", folder];
      const marquee = startProcess(args, { ...settings, ...changed });
      started.push(marquee);
      return marquee;
    };
    let admin: Database;
    let rating = 0;
    /** The first of the made-up films. */
    const tmdbId = 700_000;

    beforeAll(async () => {
      writeOwnFilms(data, FILMS);
      admin = connectDatabase({ url: urls.DATABASE_URL, log, maxConnections: 1 });
      await admin.execute(`create database ${name}`);
    });
    afterAll(async () => {
      for (const marquee of started) marquee.signal("SIGKILL"); // those of tests that failed
      await Promise.all(started.map((marquee) => marquee.ended()));
      await admin.execute(`drop database ${name} with (force)`);
      await admin.close();
      await removeTopics();
      rmSync(home, { recursive: true, force: true });
    });

    it("runs the whole chain, answers, and keeps neither database nor objects in its folder", async () => {
      const marquee = start();
      const address = (await marquee.printed(READY))[1] ?? "";
      const answer = await axios.post<{ rating: number; features: object }>(`${address}/predict`, {
        movie: { tmdbId },
      });
      rating = answer.data.rating;
      expect(answer.data.features).toMatchObject({ missing: ["writers", "collection"], stale: [] }); // the made-up films have none
      const ready = async () => (await axios.get<unknown>(`${address}/ready`)).data;
      await expect.poll(ready, PATIENT).toMatchObject({ status: "ready" });
      const profile = profileFolder();
      expect(readdirSync(join(home, profile)).filter((entry) => /postgres|objects/.test(entry))).toEqual([]);
      marquee.signal("SIGINT");
      expect(await marquee.ended()).toBe(0);
    });

    it("brings user events through Kafka into the database, and its log lines into Elasticsearch", async () => {
      const marquee = start();
      const address = (await marquee.printed(READY))[1] ?? "";
      const event = { type: "rating", userId: "me", tmdbId, rating: 8 };
      const sent = await axios.post<{ id: string }>(`${address}/events`, event);
      const database = connectDatabase({ url: settings.DATABASE_URL ?? "", log, maxConnections: 1 });
      const events = () => database.query("select event_id::text as id from user_events");
      await expect.poll(events, PATIENT).toEqual([{ id: sent.data.id }]);
      await database.close();
      const logStore = await openLogStore({ settings: urls, database });
      const traceId = String(sent.headers["x-trace-id"]);
      await expect
        .poll(() => logStore.find({ traceId }), PATIENT)
        .toEqual([expect.objectContaining({ service: "local", msg: "answered", route: "/events" })]);
      await logStore.close();
      marquee.signal("SIGINT");
      expect(await marquee.ended()).toBe(0);
    });

    it("has nothing to do at a second start, and gives the same answer", async () => {
      const marquee = start();
      const address = (await marquee.printed(READY))[1] ?? "";
      const steps = [...marquee.output.matchAll(/^ {2}(\w+) .*\(unchanged\)/gm)].map(([, step]) => step);
      expect(steps).toEqual(["collect", "archive", "catalog", "features", "train", "register"]);
      const answer = await axios.post<{ rating: number }>(`${address}/predict`, { movie: { tmdbId } });
      expect(answer.data.rating).toBe(rating);
      marquee.signal("SIGTERM");
      expect(await marquee.ended()).toBe(0);
    });

    it("refuses other films in the same bucket and prefix", async () => {
      const other = join(home, "other-films");
      writeOwnFilms(other, 10);
      const marquee = start({}, other);
      expect(await marquee.ended()).toBe(1);
      expect(marquee.output).toMatch(/OBJECT_STORE_URL holds the films of the profile recorded-.*SETTINGS_INVALID/);
    });

    it.each([
      [
        "OBJECT_STORE_URL",
        "s3://no-such-bucket-here",
        /refuses the bucket no-such-bucket-here .*\[SETTINGS_INVALID\]/,
        1,
      ],
      [
        "S3_ENDPOINT",
        "http://127.0.0.1:9",
        /bucket marquee at .* cannot be used now.*\[OBJECT_STORE_UNAVAILABLE\]/,
        75,
      ],
      [
        "REDIS_URL",
        "redis://127.0.0.1:9",
        /online store at 127\.0\.0\.1:9 .* ECONNREFUSED .*\[ONLINE_STORE_UNAVAILABLE\]/,
        75,
      ],
    ])("ends with one clear line where %s is wrong", async (variable, value, line, exitCode) => {
      const marquee = start({ [variable]: value });
      expect(await marquee.ended()).toBe(exitCode);
      expect(marquee.output).toMatch(line);
    });

    it("is checked by the doctor, what is well and what is wrong", async () => {
      const well = startProcess(["infra/cli/main.ts", "doctor", "--url", "http://127.0.0.1:9"], settings);
      expect(await well.ended()).toBe(0);
      expect(well.output).toMatch(/ok {4}database +PostgreSQL 1\d/);
      expect(well.output).toMatch(/ok {4}object store +s3:\/\/marquee\/test_/);
      expect(well.output).toMatch(/ok {4}online store +Redis at /);
      const wrong = startProcess(["infra/cli/main.ts", "doctor", "--url", "http://127.0.0.1:9"], {
        ...settings,
        REDIS_URL: "redis://127.0.0.1:9",
        AWS_SECRET_ACCESS_KEY: "wrong",
      });
      expect(await wrong.ended()).not.toBe(0);
      expect(wrong.output).toMatch(/FAIL {2}object store .*refuses the bucket/);
      expect(wrong.output).toMatch(/FAIL {2}online store .*cannot be used now/);
    });
  },
);
