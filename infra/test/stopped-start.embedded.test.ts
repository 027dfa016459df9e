import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createFileObjectStore } from "@marquee/shared/backing/object-store/file-object-store";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { RATING_MODEL } from "@marquee/shared/contracts/model-version";
import { decodeFeatureRow, onlineRowKey } from "@marquee/shared/features/feature-row";
import { RATING_VIEWS } from "@marquee/shared/features/film-views";
import { createRegistry } from "@marquee/shared/registry/registry";
import { systemClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { createArchive } from "@marquee/workhorse/archive/archive";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChainOptions, runChain } from "../local/chain.ts";
import { optionsOf } from "../local/options.ts";
import { chooseProfile } from "../local/profile.ts";
import { createReporter } from "../local/reporter.ts";
import { createSources } from "../local/sources.ts";
import { writeOwnFilms } from "../testing/own-films.ts";

const FILMS = 520;
const clock = systemClock;
const log = createLogger("test", "silent");
const root = mkdtempSync(join(tmpdir(), "marquee-stopped-"));
const films = join(root, "films");

let database: TestDatabase;
let chain: Omit<ChainOptions, "onlineStore" | "reporter">;
let vectorBefore: number[];

/** A start of `npm start`, as far as its chain goes. @returns what the screen showed */
async function start(onlineStore: OnlineStore): Promise<string> {
  const shown: string[] = [];
  const reporter = createReporter({ write: (text) => shown.push(text) });
  await runChain({ ...chain, onlineStore, reporter });
  return shown.join("");
}

const FIRST_FILM = tmdbIdSchema.parse(700_000);

/** Of all the model's views, whose columns they are; empty where one is missing. */
async function vectorIn(online: OnlineStore): Promise<number[]> {
  const reads = await online.read(RATING_VIEWS.map((view) => onlineRowKey(view, FIRST_FILM)));
  if (reads.some(({ status }) => status === "missing")) return [];
  return RATING_VIEWS.flatMap((view, i) => {
    const read = reads[i];
    return read && read.status !== "missing" ? [...decodeFeatureRow(view, read.value).values] : [];
  });
}

/** What a daily collection may bring: most films have lost their dates at the source. */
async function archiveUndatedFilms(): Promise<void> {
  const lines = gunzipSync(readFileSync(join(films, "movies.jsonl.gz")))
    .toString()
    .trim()
    .split("\n");
  const bodies = lines.map((line) => {
    const body: { id: number } = JSON.parse(line);
    return { path: `/movie/${body.id}?`, body: JSON.stringify({ ...body, release_date: "" }) };
  });
  await createArchive(chain.objectStore, clock).storeBodies({ source: "tmdb", name: "undated", bodies });
}

beforeAll(async () => {
  writeOwnFilms(films, FILMS);
  database = await createTestDatabase();
  const options = {
    ...optionsOf({ home: root, data: films }, { folder: root, variables: {} }),
    TRAINING_BACKEND: "wasm",
  } as const;
  const sources = createSources({ options, profile: chooseProfile(options), clock, log });
  const objectStore = createFileObjectStore(join(root, "objects"));
  chain = { ...{ options, database, objectStore, sources, clock, log }, signal: new AbortController().signal };
  const online = createMemoryOnlineStore(clock);
  await start(online);
  vectorBefore = await vectorIn(online);
  await archiveUndatedFilms();
});
afterAll(async () => {
  await database.close();
  rmSync(root, { recursive: true, force: true });
});

describe("a start of npm start that the quality gate stops", () => {
  it("tells why, and fills its empty online store with the features of before", async () => {
    const online = createMemoryOnlineStore(clock);
    const shown = await start(online);
    expect(shown).toMatch(/catalog +not finished/);
    expect(shown).toMatch(/The quality gate stopped this load.*movies null_share release_date is 1 .*quality accept/);
    expect(shown).not.toMatch(/^ +(features|train) /m);
    expect(shown).toMatch(/serve +[\d,]+ entries in the online store/);
    expect(vectorBefore.length).toBeGreaterThan(0);
    expect(await vectorIn(online)).toEqual(vectorBefore);
    expect(await createRegistry(database, clock).aliases(RATING_MODEL)).toEqual({ champion: 1 });
  });

  it("leaves an online store alone that holds what was there before", async () => {
    const written: unknown[] = [];
    const online = createMemoryOnlineStore(clock);
    await start(online);
    const kept: OnlineStore = { ...online, write: async (entries) => void written.push(...entries) };
    const shown = await start(kept);
    expect(shown).toContain("The online store stays as it was before the stop.");
    expect(written).toEqual([]);
  });

  it("fails where there is no model of before", async () => {
    await database.execute("update training_runs set status = 'failed'");
    await expect(start(createMemoryOnlineStore(clock))).rejects.toMatchObject({ code: "QUALITY_STOPPED" });
  });
});
