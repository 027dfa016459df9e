import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openOnlineStore } from "@marquee/shared/backing/online-store/open-online-store";
import { encodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS, FEATURE_SERVICES, RATING_SERVICE } from "@marquee/shared/features/film-views";
import { systemClock } from "@marquee/shared/service/clock";
import { listen } from "@marquee/shared/service/http";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { createFeatureServer } from "@marquee/workhorse/feature-server/app";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { childVariables } from "../bench/env.ts";
import { feastVenv } from "../bench/feast-venv.ts";
import { feastRepository } from "../cli/features/export-feast.ts";

const run = promisify(execFile);
const redis = serverSetting("REDIS_URL");
const log = createLogger("test", "silent");
const TOKEN = "token-of-this-test";
const CLIENT = join(import.meta.dirname, "../testing/read-with-feast.py");
/** The first time Feast is installed. */
const INSTALL_LIMIT_MS = 600_000;

const [FRESH, WITH_UNKNOWNS, STALE, MISSING] = [603, 604, 605, 606];

const answerSchema = z.object({
  values: z.record(z.string(), z.array(z.union([z.number(), z.boolean(), z.null()]))),
  types: z.record(z.string(), z.array(z.string())),
  statuses: z.record(z.string(), z.array(z.string())),
});
type Question = ({ features: readonly string[] } | { service: string }) & {
  ids: readonly number[];
  fullNames?: boolean;
};

const EVERY_FILM = [FRESH, WITH_UNKNOWNS, STALE, MISSING];
const EVERY_FEATURE = ALL_VIEWS.flatMap((view) => view.columns.map((column) => `${view.name}:${column.name}`));
/** Asked by one client, since Python takes seconds to load it. */
const QUESTIONS = {
  everything: { features: EVERY_FEATURE, ids: EVERY_FILM },
  service: { service: RATING_SERVICE.name, ids: [FRESH] },
  fullNames: { features: ["film_metadata:runtime_minutes"], ids: [FRESH], fullNames: true },
  unknown: { features: ["film_metadata:runtime"], ids: [FRESH] },
} satisfies Record<string, Question>;

/** What a film's row holds: whole numbers, fractions with all their digits, truth values, unknowns. */
function valuesOf({ columns }: FeatureView, id: number): number[] {
  return columns.map(({ type }, i) => {
    if (id === WITH_UNKNOWNS && i % 2 === 0) return Number.NaN;
    if (type === "bool") return (id + i) % 2;
    return i % 3 === 0 ? id + i : (id + i) / 7;
  });
}

/** As Feast's client gives it. */
function expected(value: number | undefined, type: string | undefined): number | boolean | null {
  if (value === undefined || Number.isNaN(value)) return null;
  return type === "bool" ? value === 1 : value;
}

describe.skipIf(redis === undefined)("Feast's own client", () => {
  const onlineStore = openOnlineStore({
    url: redis ?? "redis://localhost",
    clock: systemClock,
    log,
    namespace: `feast-${process.pid}`,
  });
  const http = createFeatureServer({
    ...{ onlineStore, clock: systemClock, log, metrics: createMetrics("feature-server"), token: TOKEN },
    served: { views: ALL_VIEWS, services: FEATURE_SERVICES },
  });
  let folder = "";
  let programs = "";
  let answers: Partial<Record<keyof typeof QUESTIONS, unknown>> = {};

  beforeAll(async () => {
    programs = await feastVenv((line) => process.stderr.write(`${line}\n`));
    folder = await mkdtemp(join(tmpdir(), "marquee-feast-client-"));
    const url = `http://127.0.0.1:${await listen(http, "127.0.0.1", 0)}`;
    const files = feastRepository({ views: ALL_VIEWS, services: FEATURE_SERVICES, url, token: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await run(join(programs, "feast"), ["-c", folder, "apply"], {
      env: childVariables({ FEATURE_SERVER_TOKEN: TOKEN }),
    });
    const now = systemClock.now();
    for (const view of ALL_VIEWS) {
      await onlineStore.write(
        [FRESH, WITH_UNKNOWNS, STALE].map((id) => ({
          ...onlineRowKey(view, id),
          value: encodeFeatureRow({ eventTime: now.getTime(), values: Float64Array.from(valuesOf(view, id)) }),
          materializedAt: new Date(now.getTime() - (id === STALE ? view.ttlSeconds * 1000 : 0)),
          ttlSeconds: view.ttlSeconds,
        })),
      );
    }
    const found = await ask(Object.values(QUESTIONS));
    answers = Object.fromEntries(Object.keys(QUESTIONS).map((name, i) => [name, found[i]]));
  }, INSTALL_LIMIT_MS);

  afterAll(async () => {
    await http.close();
    for (const view of ALL_VIEWS) await onlineStore.drop(viewKey(view));
    await onlineStore.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(questions: readonly Question[], token = TOKEN): Promise<unknown[]> {
    const client = run(join(programs, "python"), [CLIENT, folder], {
      env: childVariables({ FEATURE_SERVER_TOKEN: token }),
    });
    client.child.stdin?.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
    return (await client).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  it("reads every column of every view as the online store has it, bit for bit, with what each is worth", () => {
    const { values, types, statuses } = answerSchema.parse(answers.everything);
    expect(Object.keys(values)[0]).toBe("tmdb_id");
    expect(Object.keys(values)).toHaveLength(EVERY_FEATURE.length + 1);
    expect(values.tmdb_id).toEqual(EVERY_FILM);
    for (const view of ALL_VIEWS) {
      for (const [i, { name, type }] of view.columns.entries()) {
        const stored = [FRESH, WITH_UNKNOWNS, STALE].map((id) => expected(valuesOf(view, id)[i], type));
        expect(values[name], name).toEqual([...stored, null]);
        expect(types[name]?.[0], name).toBe(type === "bool" ? "bool" : "float");
        const unknown = i % 2 === 0 ? "NULL_VALUE" : "PRESENT";
        expect(statuses[name], name).toEqual(["PRESENT", unknown, "OUTSIDE_MAX_AGE", "NOT_FOUND"]);
      }
    }
  });

  it("reads a feature service, and full names", () => {
    const namesIn = (answer: unknown) => Object.keys(answerSchema.parse(answer).values).sort();
    const names = RATING_SERVICE.columns.map(({ name }) => name);
    expect(namesIn(answers.service)).toEqual(["tmdb_id", ...names].sort());
    expect(namesIn(answers.fullNames)).toEqual(["film_metadata__runtime_minutes", "tmdb_id"]);
  });

  it("hears in words what is refused: an unknown column, and a wrong token", async () => {
    expect(answers.unknown).toEqual({ error: expect.stringMatching(/404.*There is no column.*runtime_minutes/) });
    const [refused] = await ask([QUESTIONS.fullNames], "wrong");
    expect(refused).toEqual({ error: expect.stringMatching(/401.*Send the header authorization/) });
  });
});
