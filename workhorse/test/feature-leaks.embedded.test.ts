import type { Database } from "@marquee/shared/backing/postgres/database";
import { type CalendarDate, epochDay } from "@marquee/shared/contracts/time";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { fixedClock, systemClock } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import { createLogger } from "@marquee/shared/service/logger";
import { createMetrics } from "@marquee/shared/service/metrics";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { latestFeatureChecks, saveFeatureCheck } from "../src/feature-store/feature-checks.ts";
import { assertNoLeaks } from "../src/feature-store/leaks/assert-no-leaks.ts";
import { checkedViews, computeFilms } from "../src/feature-store/leaks/compute-films.ts";
import { syntheticFilms } from "../src/feature-store/leaks/testing/synthetic-films.ts";
import { loadFilms } from "../src/feature-store/load-films.ts";
import { createDataPlatformMetrics } from "../src/worker/data-platform-metrics.ts";

const TODAY = epochDay("2019-06-01" as CalendarDate);
/** Films come out five days apart; this is when the seventieth does. */
const AS_OF = "2005-12-17";
const COMPARED = { from: 40, to: 70 };

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await database.execute(SMALL_CATALOG);
});
afterEach(() => database.close());

/** 120 films by 25 people, with more cast than counts as leads, some in collections of ten. */
const SMALL_CATALOG = `
  insert into people (person_id, name) select g, 'Person ' || g from generate_series(1, 500) g;
  insert into companies (company_id, name) select g, 'Studio ' || g from generate_series(1, 4) g;
  insert into collections (collection_id, name) select g, 'Saga ' || g from generate_series(1, 99) g;
  insert into movies (tmdb_id, imdb_id, title, overview, tagline, original_language, release_date, runtime_minutes, budget_usd,
                      revenue_usd, keywords, countries, collection_id, payload_sha256)
    select g, 'tt' || (1000000 + g), 'Film ' || g, 'A story of love and war number ' || g, 'See it', 'en',
           '2005-01-01'::date + g * 5, 80 + g % 40, 1000000 * g, 2000000 * g, array['word ' || g % 9], array['US'],
           case when g % 3 = 0 then 1 + g % 6 end, ''
    from generate_series(1, 120) g;
  insert into movie_genres select g, case when g % 2 = 0 then 18 else 35 end from generate_series(1, 120) g;
  insert into movie_companies select g, 1 + g % 4, 0 from generate_series(1, 120) g;
  insert into credits (tmdb_id, credit_id, person_id, department, job, billing)
    select g, 'd' || g, 1 + g % 7, 'Directing', 'Director', null::integer from generate_series(1, 120) g
    union all select g, 'w' || g, 8 + g % 5, 'Writing', 'Screenplay', null from generate_series(1, 120) g
    union all select g, 'm' || g, 13 + g % 3, 'Sound', 'Original Music Composer', null from generate_series(1, 120) g
    union all select g, 'c' || g || '-' || b, 16 + (g + b * 3) % 10, 'Acting', 'Actor', b
      from generate_series(1, 120) g, generate_series(0, 6) b;
  insert into imdb_ratings
    select 1000000 + g, '2019-01-01', 3 + (g * 37 % 60) / 10.0, 100 + g * 13 from generate_series(1, 120) g`;

/** What may be told otherwise without anyone having been able to know on the day, a statement each. */
const OTHER_FUTURE: readonly string[] = [
  `delete from movies where release_date > '${AS_OF}' and tmdb_id % 4 = 0`,
  `update movies set release_date = release_date + 400, runtime_minutes = runtime_minutes * 3, budget_usd = budget_usd * 9,
     original_language = 'fr', overview = 'Rockets and robots', title = 'Part 2', tagline = null, countries = array['FR'],
     collection_id = 1 + tmdb_id % 9 where release_date > '${AS_OF}'`,
  `update movie_genres g set genre_id = 27 from movies m where m.tmdb_id = g.tmdb_id and m.release_date > '${AS_OF}'`,
  `update credits c set person_id = 1 + (c.person_id * 5 + c.tmdb_id) % 25 from movies m
     where m.tmdb_id = c.tmdb_id and m.release_date > '${AS_OF}'`,
  `insert into movies (tmdb_id, imdb_id, title, release_date, runtime_minutes, budget_usd, collection_id, payload_sha256)
     select 9000 + g, 'tt' || (1009000 + g), 'Late ' || g, '${AS_OF}'::date + g / 3, 300, 900000000, 1 + g % 6, ''
     from generate_series(1, 60) g`,
  `insert into credits select 9000 + g, 'd' || g, 1 + g % 7, 'Directing', 'Director' from generate_series(1, 60) g`,
  `insert into imdb_ratings select 1009000 + g, '2019-01-01', 9.9, 5000000 from generate_series(1, 60) g`,
  // Of every film: what users add over the years, who comes after the leads, and who votes late.
  "update imdb_ratings set votes = votes * 3",
  "update movies set keywords = array['other', 'words']",
  `insert into credits select m.tmdb_id, 'late' || m.tmdb_id || '-' || b, 30 + b, 'Acting', 'Actor', b
     from movies m, generate_series(20, 25) b`,
  // Outcomes that were not known on the day.
  `update movies set revenue_usd = 7 where release_date >= '${AS_OF}'`,
  `update imdb_ratings r set average = 10 - average, votes = votes * 100 from movies m
     where m.imdb_number = r.imdb_number and m.release_date >= '${AS_OF}'`,
];

/** Films of the day and of before, as of their own release: one vector each. */
type Compute = (database: Database) => Promise<Map<number, readonly number[]>>;

/** The build's own way, from the tables on. */
const REAL_VIEWS: Compute = async (queries) => {
  const views = checkedViews(ALL_VIEWS);
  const films = await loadFilms(queries);
  const rows = films.flatMap((film) => {
    const { releaseDay: asOf } = film.facts;
    const compared = film.tmdbId >= COMPARED.from && film.tmdbId <= COMPARED.to;
    return compared && asOf !== undefined ? [{ film, asOf }] : [];
  });
  const values = computeFilms({ views, maturityDays: 0 })(films, rows);
  return new Map(rows.map(({ film }, i) => [film.tmdbId, [...(values[i] ?? [])]]));
};

const planted =
  (sql: string): Compute =>
  async (queries) => {
    const rows = await queries.query<{ tmdb_id: number; value: number | null }>(
      `select m.tmdb_id, (${sql})::float8 as value from movies m where m.tmdb_id between $1 and $2 order by 1`,
      [COMPARED.from, COMPARED.to],
    );
    return new Map(rows.map(({ tmdb_id, value }) => [tmdb_id, [value ?? Number.NaN]]));
  };

async function changedFilms(compute: Compute): Promise<number[]> {
  const before = await compute(database);
  expect(before.size).toBe(COMPARED.to - COMPARED.from + 1);
  for (const statement of OTHER_FUTURE) await database.execute(statement);
  const after = await compute(database);
  return [...before.keys()].filter((id) => JSON.stringify(before.get(id)) !== JSON.stringify(after.get(id)));
}

describe("with another future in the catalog's tables", () => {
  it("no feature of the films before it changes, from the tables to the vector", async () => {
    expect(await changedFilms(REAL_VIEWS)).toEqual([]);
  });

  it.each([
    [
      "how full the cast's list is",
      "select count(*) from credits c where c.tmdb_id = m.tmdb_id and billing is not null",
    ],
    ["how many votes there are", "select votes from imdb_ratings r where r.imdb_number = m.imdb_number"],
    ["what the film has earned", "m.revenue_usd"],
    ["its keywords", "length(array_to_string(m.keywords, ' '))"],
    [
      "how many films its director has made by now",
      `select count(*) from credits c join credits d using (person_id)
       where c.tmdb_id = m.tmdb_id and c.job = 'Director' and d.job = 'Director'`,
    ],
    [
      "how many votes its director's earlier films have by now",
      `select sum(r.votes) from credits c join credits d using (person_id)
         join movies o on o.tmdb_id = d.tmdb_id join imdb_ratings r on r.imdb_number = o.imdb_number
       where c.tmdb_id = m.tmdb_id and c.job = 'Director' and d.job = 'Director' and o.release_date < m.release_date`,
    ],
    [
      "whether its collection goes on",
      "select count(*) from movies o where o.collection_id = m.collection_id and o.release_date > m.release_date",
    ],
    [
      "its rank among the budgets of its year",
      `select count(*) from movies o
       where date_trunc('year', o.release_date) = date_trunc('year', m.release_date) and o.budget_usd > m.budget_usd`,
    ],
    ["its running time beside the mean of all", "m.runtime_minutes / (select avg(runtime_minutes) from movies)"],
  ])("a query that tells %s is found out", async (_sentence, sql) => {
    expect((await changedFilms(planted(sql))).length).toBeGreaterThan(0);
  });
});

describe("before features are published", () => {
  const films = syntheticFilms({ films: 400 });
  const told: unknown[] = [];
  const context = (time = "2019-06-01T12:00:00Z") => ({
    ...{ database, clock: fixedClock(time), signal: new AbortController().signal },
    onProgress: (progress: unknown) => told.push(progress),
  });
  const [view] = ALL_VIEWS;
  const peeking = [{ ...view, compute: ({ later }) => [later?.observed?.votes ?? 0] } as (typeof ALL_VIEWS)[number]];

  it("a leak ends the build, names view and column, and is kept", async () => {
    const search = assertNoLeaks(context(), { films, today: TODAY, maturityDays: 0, views: peeking });
    const column = view?.columns[0]?.name;
    await expect(search).rejects.toMatchObject({
      code: "FEATURE_LEAK",
      message: expect.stringContaining(`${view?.name}@${view?.version} ${column} in `),
      details: { findings: [{ column }] },
    });
    expect(await latestFeatureChecks(database)).toMatchObject([
      {
        kind: "leak",
        checkedAt: new Date("2019-06-01T12:00:00Z"),
        wrong: [{ view: `${view?.name}@${view?.version}` }],
      },
    ]);
  });

  it("a clean search says what it looked at, tells its progress, and takes the word of the one before back", async () => {
    await assertNoLeaks(context(), { films, today: TODAY, maturityDays: 0, views: peeking }).catch(() => undefined);
    told.length = 0;
    const options = { films, today: TODAY, maturityDays: 0, days: 4 };
    const figures = await assertNoLeaks(context("2019-06-01T13:00:00Z"), options);
    expect(figures.films).toBeGreaterThan(40);
    expect(figures.columns).toBe(checkedViews(ALL_VIEWS).flatMap(({ columns }) => columns).length);
    expect(told.at(-1)).toMatchObject({ done: 5, total: 5, unit: "days" });
    expect(await latestFeatureChecks(database)).toMatchObject([{ kind: "leak", films: figures.films, wrong: [] }]);
  });

  it("the worker's /metrics tell which view, in how many films, how many were looked at, and when", async () => {
    await assertNoLeaks(context(), { films, today: TODAY, maturityDays: 0, views: peeking }).catch(() => undefined);
    await saveFeatureCheck(database, {
      ...{ checkId: uuidv7(systemClock), kind: "skew", checkedAt: new Date("2019-06-01T12:40:00Z"), datasetHash: null },
      ...{ films: 200, columns: 95 },
      findings: [
        { view: "film_text@1", column: "title_words", films: 3 },
        { view: "film_text@1", column: "title_digits", films: 5 },
      ],
    });
    const metrics = createMetrics("test", { ofProcess: false });
    createDataPlatformMetrics(metrics, { database, clock: systemClock, log: createLogger("test", "silent") });
    const text = await metrics.text();
    const shown = (name: string, labels: string) =>
      Number(new RegExp(`^marquee_feature_check_${name}\\{${labels}[^}]*\\} (\\S+)$`, "m").exec(text)?.[1]);
    expect(shown("wrong_films", `kind="leak",view="${view?.name}@${view?.version}"`)).toBeGreaterThan(0);
    expect(shown("wrong_films", 'kind="skew",view="film_text@1"')).toBe(5);
    expect(shown("films", 'kind="skew"')).toBe(200);
    expect(shown("timestamp_seconds", 'kind="skew"')).toBe(Date.parse("2019-06-01T12:40:00Z") / 1_000);
  });

  it("a search that is to end ends between two days, and keeps nothing", async () => {
    const abort = new AbortController();
    const stopping = { ...context(), signal: abort.signal, onProgress: () => abort.abort() };
    await expect(assertNoLeaks(stopping, { films, today: TODAY, maturityDays: 0 })).rejects.toThrow(/abort/i);
    expect(await latestFeatureChecks(database)).toEqual([]);
  });
});
