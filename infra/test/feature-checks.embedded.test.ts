import { join } from "node:path";
import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { dayOf, epochDay } from "@marquee/shared/contracts/time";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { type FeatureView, viewKey } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { systemClock } from "@marquee/shared/service/clock";
import { findInput } from "@marquee/shared/testing/inputs";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { latestFeatureChecks } from "@marquee/workhorse/feature-store/feature-checks";
import { checkedViews, computeFilms } from "@marquee/workhorse/feature-store/leaks/compute-films";
import { detectLeaks } from "@marquee/workhorse/feature-store/leaks/detect-leaks";
import { loadFilms } from "@marquee/workhorse/feature-store/load-films";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeatureChain, openFeatureChain } from "../testing/feature-chain.ts";

const COLUMNS = ALL_VIEWS.flatMap(({ columns }) => columns).length;
const online = createMemoryOnlineStore(systemClock);
let database: TestDatabase;
let chain: FeatureChain;
beforeAll(async () => {
  const recorded = findInput(
    "data/tmdb5000",
    "the checks of the features of 4,803 films, which do with 1,100 made-up ones,",
  );
  const folder = recorded === undefined ? undefined : join(recorded, "..");
  database = await createTestDatabase();
  chain = await openFeatureChain({ database, online, clock: systemClock, folder });
});
afterAll(async () => {
  await chain?.close();
  await database?.close();
});

describe("features of a catalog that the tasks have made", () => {
  it("know nothing of what happens later, wherever one looks", async () => {
    const films = await loadFilms(database);
    expect(films.length).toBeGreaterThan(1_000);
    const today = epochDay(dayOf(systemClock.now()));
    const views = checkedViews(ALL_VIEWS);
    for (const maturityDays of [0, 30]) {
      const compute = computeFilms({ views, maturityDays });
      const options = { films, compute, views, today, maturityDays, seed: maturityDays + 1 };
      expect(detectLeaks(options)).toMatchObject({ days: 20, findings: [] });
    }
  });

  it("were looked at for leaks before they were published", async () => {
    const [leak] = await latestFeatureChecks(database);
    expect(leak).toMatchObject({ kind: "leak", wrong: [] });
    expect(leak?.films).toBeGreaterThan(200);
  });

  it("lie online for 1,000 films as they lie in Parquet, and are computed so on demand, to the bit", async () => {
    const result = await chain.run("check-skew", { films: 1_000 });
    expect(result).toMatchObject({
      rowsIn: 1_000,
      rowsOut: 0,
      detail: { columns: COLUMNS, onDemand: 1_000, unchecked: [], findings: [] },
    });
    expect(await latestFeatureChecks(database)).toMatchObject([
      { kind: "leak" },
      { kind: "skew", films: 1_000, wrong: [] },
    ]);
  });

  it("with one value online a bit beside are found out by view, column and film, and known to the metrics", async () => {
    const view = ALL_VIEWS.find(({ name }) => name === "rating_climate") as FeatureView;
    const [film] = await database.query<{ tmdb_id: number }>("select max(tmdb_id) as tmdb_id from feature_movies");
    const key = onlineRowKey(view, film?.tmdb_id ?? 0);
    const [read] = await online.read([key]);
    const value = Uint8Array.from(read?.status === "present" ? read.value : []);
    value[8] = (value[8] ?? 0) ^ 1;
    const written = { ...key, materializedAt: systemClock.now(), ttlSeconds: 3_600 };
    await online.write([{ ...written, value }]);
    const { rowsOut, detail } = await chain.run("check-skew", { films: 10_000 });
    expect(rowsOut).toBe(1);
    expect(detail.findings).toMatchObject([
      { view: viewKey(view), column: "climate_mean", problem: "differs online", films: 1 },
    ]);
    expect(detail.findings).toMatchObject([{ example: { tmdbId: film?.tmdb_id } }]);
    const [, skew] = await latestFeatureChecks(database);
    expect(skew?.wrong).toEqual([{ view: viewKey(view), films: 1 }]);
  });
});
