import { type CalendarDate, type EpochDay, epochDay } from "@marquee/shared/contracts/time";
import { describe, expect, it } from "vitest";
import type { CatalogFilm } from "../load-films.ts";
import type { ComputeWorld, WantedRow } from "./compute-world.ts";
import { detectLeaks, searchLeaks } from "./detect-leaks.ts";
import { syntheticFilms } from "./testing/synthetic-films.ts";

const films = syntheticFilms({ films: 900 });
const today = epochDay("2012-01-01" as CalendarDate);

/** One number for each row of a world; made once per world. */
type Feature = (world: readonly CatalogFilm[]) => (row: WantedRow) => number;

const outcome = (film: CatalogFilm) => film.later.observed?.rating;
const mean = (values: readonly (number | undefined)[]) => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
};
const day = (film: CatalogFilm): number => film.facts.releaseDay ?? Number.NaN;
const directed = (id: number | null | undefined) => (film: CatalogFilm) =>
  id !== undefined && film.facts.directorIds?.[0] === id;
const plays = (id: number | null | undefined) => (film: CatalogFilm) =>
  id !== undefined && film.facts.castIds?.includes(id ?? Number.NaN);

/** The director's films whose outcome was mature, and what was announced. */
const HONEST: Feature =
  (world) =>
  ({ film, asOf }) =>
    mean(
      world
        .filter(directed(film.facts.directorIds?.[0]))
        .filter((other) => day(other) < asOf - 60)
        .map(outcome),
    ) + (film.facts.runtimeMinutes ?? 0);

/** What the detector finds in a view of two columns: an honest one and the one in question. */
function check(feature: Feature, options: { maturityDays?: number; seed?: number } = {}) {
  const compute: ComputeWorld = (world, wanted) => {
    const [honest, asked] = [HONEST(world), feature(world)];
    return wanted.map((row) => Float64Array.of(honest(row), asked(row)));
  };
  const views = [{ name: "planted", version: 1, columns: [{ name: "honest" }, { name: "asked" }] }];
  return detectLeaks({ films, compute, views, today, maturityDays: 0, seed: 1, days: 8, ...options });
}

const PLANTED: [sentence: string, feature: Feature, maturityDays?: number][] = [
  ["the film's own rating", () => (row) => outcome(row.film) ?? Number.NaN],
  [
    "whether the film has votes by now",
    () =>
      ({ film }) =>
        Math.log1p(film.later.observed?.votes ?? 0),
  ],
  [
    "the film's revenue",
    () =>
      ({ film }) =>
        film.later.revenueUsd ?? Number.NaN,
  ],
  [
    "the film's keywords, which its viewers gave it",
    () =>
      ({ film }) =>
        film.later.keywords?.length ?? 0,
  ],
  [
    "films of the same day among those before (<= in place of <)",
    (world) => (row) => mean(world.filter((film) => day(film) <= row.asOf).map(outcome)),
  ],
  [
    "how many films come out on the same day",
    (world) => (row) => world.filter((film) => day(film) === row.asOf).length,
  ],
  [
    "the mean of a genre over all years (target encoding)",
    (world) => (row) =>
      mean(world.filter((film) => film.facts.genreIds?.[0] === row.film.facts.genreIds?.[0]).map(outcome)),
  ],
  [
    "how many films the lead actor has made up to our day",
    (world) => (row) => world.filter(plays(row.film.facts.castIds?.[0])).length,
  ],
  [
    "a budget on the scale of the whole catalog's largest",
    (world) => {
      const largest = Math.max(...world.map((film) => film.facts.budgetUsd ?? 0));
      return (row) => (row.film.facts.budgetUsd ?? Number.NaN) / largest;
    },
  ],
  [
    "a running time less the whole catalog's mean",
    (world) => {
      const usual = mean(world.map((film) => film.facts.runtimeMinutes));
      return (row) => (row.film.facts.runtimeMinutes ?? Number.NaN) - usual;
    },
  ],
  [
    "that the film has a sequel",
    (world) => (row) =>
      Number(world.some((film) => film.facts.collectionId === row.film.facts.collectionId && day(film) > row.asOf)),
  ],
  [
    "that the film was put into a collection, before another film of it was out",
    () => (row) => Number(row.film.facts.collectionId !== undefined),
  ],
  [
    "its rank among the films of its year",
    (world) => {
      const year = (film: CatalogFilm) => film.releaseDate?.slice(0, 4);
      return ({ film }) =>
        world.filter((o) => year(o) === year(film) && (o.facts.budgetUsd ?? 0) > (film.facts.budgetUsd ?? 0)).length;
    },
  ],
  [
    "the competition of the four weeks after release",
    (world) => (row) => world.filter((film) => day(film) > row.asOf && day(film) <= row.asOf + 28).length,
  ],
  [
    "the outcomes of films that are out and not yet mature",
    (world) => (row) => mean(world.filter((film) => day(film) < row.asOf).map(outcome)),
    30,
  ],
  [
    "how rare a word of the plot is in the whole catalog",
    (world) => (row) => {
      const word = row.film.facts.overview?.split(" ")[0];
      const having = world.filter((film) => word !== undefined && film.facts.overview?.includes(word)).length;
      return Math.log(world.length / (1 + having));
    },
  ],
  [
    "what a running value has left over from the row before",
    () => {
      let last = 0;
      return (row) => {
        const before = last;
        last = outcome(row.film) ?? 0;
        return before;
      };
    },
  ],
  ["a director's mean out of a memo that forgets the day", memoBy(({ facts }) => facts.directorIds?.[0])],
  ["a company's mean out of a memo that forgets the day", memoBy(({ facts }) => facts.companyIds?.[0])],
  ["a company's id, which is higher the later TMDB took it in", () => (row) => row.film.facts.companyIds?.[0] ?? 0],
  ["the number of its title at IMDb", () => (row) => Number(row.film.imdbId?.slice(2))],
  [
    "how many votes the director's earlier films have by now",
    (world) => (row) =>
      mean(
        world
          .filter(directed(row.film.facts.directorIds?.[0]))
          .filter((film) => day(film) < row.asOf)
          .map((film) => film.later.observed?.votes),
      ),
  ],
];

/** Lives as long as the process, as a memo at the top of a module does. */
function memoBy(idOf: (film: CatalogFilm) => number | null | undefined): Feature {
  const memo = new Map<number, number>();
  return (world) => (row) => {
    const id = idOf(row.film) ?? -1;
    const known = memo.get(id);
    if (known !== undefined) return known;
    const value = mean(world.filter((film) => idOf(film) === id && day(film) < row.asOf).map(outcome));
    memo.set(id, value);
    return value;
  };
}

describe("the leak detector finds", () => {
  it.each(PLANTED)("%s", (_sentence, feature, maturityDays = 0) => {
    expect(check(feature, { maturityDays }).findings).toMatchObject([{ view: "planted@1", column: "asked" }]);
  });
});

describe("the leak detector lets pass", () => {
  const HARMLESS: [sentence: string, feature: Feature][] = [
    ["what was announced of the film itself", () => (row) => (row.film.facts.budgetUsd ?? 0) + day(row.film)],
    ["how many films were out before", (world) => (row) => world.filter((film) => day(film) < row.asOf).length],
    [
      "the revenues of the years before",
      (world) => (row) => mean(world.filter((film) => day(film) < row.asOf - 365).map((film) => film.later.revenueUsd)),
    ],
    [
      "the best of the collection's films that were out",
      (world) => (row) =>
        Math.max(
          ...world
            .filter((film) => film.facts.collectionId !== undefined)
            .filter((film) => film.facts.collectionId === row.film.facts.collectionId && day(film) < row.asOf)
            .map((film) => outcome(film) ?? 0),
        ),
    ],
    [
      "words as frequent as they were among films that were out",
      (world) => (row) => world.filter((film) => day(film) < row.asOf && film.facts.overview?.includes("love")).length,
    ],
  ];
  it.each(HARMLESS)("%s", (_sentence, feature) => {
    for (const seed of [1, 2, 3]) expect(check(feature, { seed }).findings).toEqual([]);
  });
});

describe("the leak detector", () => {
  it("names the view, the column, how many films, and one of them with both values", () => {
    const { findings, ...figures } = check(() => (row) => outcome(row.film) ?? Number.NaN);
    expect(figures).toMatchObject({ days: 8, columns: 2 });
    expect(figures.films).toBeGreaterThan(8 * 10);
    const [finding] = findings;
    expect(finding?.films).toBeGreaterThanOrEqual(8);
    const film = films.find(({ tmdbId }) => tmdbId === finding?.example.tmdbId);
    expect(finding?.example).toMatchObject({ before: film?.later.observed?.rating ?? null });
    expect(finding?.example.after).not.toBe(finding?.example.before);
  });

  it("finds a difference in the last bit, and of 0 from -0", () => {
    const known = (row: WantedRow) => films.includes(row.film);
    expect(check(() => (row) => (known(row) ? 0.3 : 0.1 + 0.2)).findings).toHaveLength(1);
    expect(check(() => (row) => (known(row) ? 0 : -0)).findings).toHaveLength(1);
  });

  it("does the same again with the same seed, and looks at other days with another", () => {
    const days = (seed: number) => {
      const seen: EpochDay[] = [];
      check(() => (row) => seen.push(row.asOf), { seed });
      return seen;
    };
    expect(days(5)).toEqual(days(5));
    expect(days(5)).not.toEqual(days(6));
  });

  it("computes with a bounded number of films however large the catalog is, and still finds", () => {
    const sizes: number[] = [];
    const compute: ComputeWorld = (world, wanted) => {
      sizes.push(world.length);
      return wanted.map(({ film, asOf }) =>
        Float64Array.of(HONEST(world)({ film, asOf }), world.filter(directed(film.facts.directorIds?.[0])).length),
      );
    };
    const views = [{ name: "planted", version: 1, columns: [{ name: "honest" }, { name: "asked" }] }];
    const options = { films, compute, views, today, maturityDays: 0, seed: 1, days: 4, worldFilms: 300 };
    expect(detectLeaks(options).findings.map(({ column }) => column)).toEqual(["asked"]);
    // Beside the 300 the noise's own: three for each row of a day.
    expect(Math.max(...sizes)).toBeLessThan(300 + 3 * 40);
  });

  it("tells how far it is after each day", () => {
    const search = searchLeaks({
      ...{ films, today, maturityDays: 0, seed: 1, days: 3 },
      compute: (_world, wanted) => wanted.map(() => new Float64Array(1)),
      views: [{ name: "planted", version: 1, columns: [{ name: "asked" }] }],
    });
    expect([...search]).toEqual([1, 2, 3, 4].map((done) => ({ done, total: 4 })));
  });

  it("has nothing to say of an empty catalog", () => {
    const options = { films: [], compute: () => [], views: [], today, maturityDays: 0, seed: 1 };
    expect(detectLeaks(options)).toEqual({ films: 0, days: 0, columns: 0, findings: [] });
  });
});
