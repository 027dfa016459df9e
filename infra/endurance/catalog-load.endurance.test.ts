import { loadSettings } from "@marquee/shared/service/env";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordedData } from "../testing/inputs.ts";
import { enduranceSettings } from "./env.ts";
import { sourceSettings, startSources, type TrialSources } from "./sources.ts";
import { createTrial, type Trial } from "./trial.ts";

const server = serverSetting("DATABASE_URL") ?? "";
const data = recordedData() ?? "";
const { ENDURANCE_SCALE: scale } = loadSettings(enduranceSettings);
/** TMDB's films released from then on: all of them, or a tenth. */
const SINCE = scale === "full" ? [] : ["--since", "2014-01-01"];
const FILMS = scale === "full" ? 4_803 : 300;
/** IMDb's whole file of 2017-10-29. */
const RATINGS = 775_956;

const TABLES = [
  "movies",
  "people",
  "credits",
  "companies",
  "collections",
  "imdb_ratings",
  "tmdb_ratings",
  "imdb_titles",
];

describe.skipIf(server === "" || data === "")("recorded films with credits and IMDb's whole ratings file", () => {
  let sources: TrialSources;
  let trial: Trial;
  const steps = async (...commands: string[][]) => {
    for (const words of commands) {
      const ended = await trial.marquee(words);
      expect(ended.exit, ended.output).toBe(0);
    }
  };
  /** Every table's rows by number and by their versions, which any write changes. */
  const versions = () =>
    Promise.all(
      TABLES.map(async (table) => {
        const [row] = await trial.database.query<{ rows: number; versions: string }>(
          `select count(*)::integer as rows, coalesce(sum(hashtextextended(t.xmin::text || t.ctid::text, 0)::numeric), 0)::text as versions from ${table} t`,
        );
        return { table, ...row };
      }),
    );
  beforeAll(async () => {
    sources = await startSources(data);
    trial = await createTrial(server, sourceSettings(sources.address));
  });
  afterAll(async () => {
    await trial?.remove();
    await sources?.close();
  });

  it("come into the catalog whole", async () => {
    await steps(["collect", "tmdb", ...SINCE], ["collect", "imdb"], ["catalog", "load"]);
    expect(await trial.count("movies")).toBeGreaterThanOrEqual(FILMS - 1);
    expect(await trial.count("credits")).toBeGreaterThan(FILMS * 10);
    const observed = await trial.count("imdb_ratings");
    const refused = await trial.count("quarantine where source = 'imdb'");
    expect(observed + refused).toBe(RATINGS);
  });

  it("change no row when they are collected and loaded again", async () => {
    const before = await versions();
    await steps(["collect", "tmdb", ...SINCE], ["collect", "imdb"], ["catalog", "load"]);
    expect(await versions()).toEqual(before);
  });

  it("are made again from the archive alone, with the same hash", async () => {
    const before = await trial.hash();
    await steps(["archive", "verify"], ["catalog", "rebuild"]);
    expect(await trial.hash()).toBe(before);
    await trial.database.execute(
      "truncate movies, people, companies, collections, imdb_titles, imdb_people, imdb_ratings, tmdb_ratings, quarantine, archive_loads, snapshot_loads cascade",
    );
    expect(await trial.hash()).not.toBe(before);
    await steps(["catalog", "rebuild"]);
    expect(await trial.hash()).toBe(before);
  });
});
