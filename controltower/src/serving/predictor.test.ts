import { predictionSchema } from "@marquee/shared/contracts/prediction";
import { climateView } from "@marquee/shared/features/climate-view";
import { onlineRowKey } from "@marquee/shared/features/feature-row";
import { encodeText, ONLINE } from "@marquee/shared/features/online-layout";
import { beforeEach, describe, expect, test } from "vitest";
import { CLOCK, createPredictorHarness, type PredictorHarness } from "../../test/predictor-harness.ts";
import { FOREIGN, MATRIX, materialiseCatalog, SEQUEL, TODAY } from "../../test/small-catalog.ts";
import { ALL_GROUPS } from "./feature-draft.ts";

let harness: PredictorHarness;
const predict = (movie: object, more?: object) => harness.predict(movie, more);

beforeEach(async () => {
  harness = createPredictorHarness();
  await materialiseCatalog(harness.onlineStore, CLOCK.now());
});

describe("a film of the catalog", () => {
  test("is predicted as of its release, with its real rating beside", async () => {
    const prediction = await predict({ tmdbId: MATRIX.tmdbId });
    expect(prediction).toEqual({
      // Climate before 1999, director after one film of +2, 36 minutes over 100.
      rating: expect.closeTo(6 + 2 / 3 + 0.36, 9),
      interval: { lower: expect.closeTo(7.0267 - 1.5, 4), upper: expect.closeTo(7.0267 + 1, 4), coverage: 0.9 },
      model: { name: "rating", version: 3 },
      asOf: MATRIX.releaseDate,
      film: { tmdbId: 603, title: "The Matrix", releaseDate: MATRIX.releaseDate },
      features: { missing: ["collection"], stale: [], unrecognised: [], ageSeconds: 0 },
      actual: { source: "imdb", rating: 8.7, votes: 2_000_000 },
    });
    expect(predictionSchema.safeParse(prediction).error).toBeUndefined();
  });

  test("costs one read by TMDB id and two by IMDb id", async () => {
    await predict({ tmdbId: MATRIX.tmdbId });
    expect(harness.reads).toBe(1);
    await predict({ imdbId: MATRIX.imdbId });
    expect(harness.reads).toBe(3);
  });

  test("is the same by either id", async () => {
    expect(await predict({ imdbId: MATRIX.imdbId })).toEqual(await predict({ tmdbId: MATRIX.tmdbId }));
  });

  test("keeps its real rating to itself where the operator does not show it", async () => {
    const discreet = createPredictorHarness({ showSourceRatings: false });
    await materialiseCatalog(discreet.onlineStore, CLOCK.now());
    expect(await discreet.predict({ tmdbId: MATRIX.tmdbId })).not.toHaveProperty("actual");
  });

  test("that is not out yet is predicted as of its materialisation", async () => {
    const prediction = await predict({ tmdbId: SEQUEL.tmdbId });
    expect(prediction.asOf).toBe(TODAY);
    expect(prediction.rating).toBeCloseTo(7 + 1 / 4 + 0.5, 9);
    expect(prediction).not.toHaveProperty("actual");
  });

  test.each([
    [
      "tmdbId",
      { tmdbId: 999 },
      "The catalog has no film with tmdbId 999.",
      "must be of a film of the catalog; given: 999",
    ],
    [
      "imdbId",
      { imdbId: "tt9999999" },
      "The catalog has no film with imdbId tt9999999.",
      'must be of a film of the catalog; given: "tt9999999"',
    ],
  ])("that is not there is named by its %s", async (field, movie, says, message) => {
    await expect(predict(movie)).rejects.toMatchObject({
      code: "FILM_UNKNOWN",
      message: expect.stringContaining(says),
      details: { errors: [{ path: `movie.${field}`, message }] },
    });
  });

  test("whose features were made by the views of another release, and that has no facts, is not guessed at", async () => {
    await expect(predict({ tmdbId: FOREIGN.tmdbId })).rejects.toMatchObject({
      code: "NOT_READY",
      message: expect.stringContaining("film 605"),
    });
  });
});

describe("a film of the catalog as of another day", () => {
  test("is computed from its facts and others' records before that day", async () => {
    const prediction = await predict({ tmdbId: MATRIX.tmdbId }, { asOf: "1996-10-04" });
    // On the day itself the director's first film is not yet known.
    expect(prediction.rating).toBeCloseTo(6 + 0 + 0.36, 9);
    expect(prediction.asOf).toBe("1996-10-04");
    expect(harness.reads).toBe(3);
  });

  test("as of the day that its features stand on is read, not computed", async () => {
    const prediction = await predict({ tmdbId: MATRIX.tmdbId }, { asOf: MATRIX.releaseDate });
    expect(prediction).toEqual(await predict({ tmdbId: MATRIX.tmdbId }));
    expect(harness.reads).toBe(2);
  });

  test.each([
    ["after its release", MATRIX.tmdbId, "1999-03-31", "must be at most 1999-03-30, the film's release"],
    ["after today", SEQUEL.tmdbId, "2026-07-02", "must be at most 2026-07-01, today"],
  ])("%s is refused", async (_sentence, tmdbId, asOf, message) => {
    await expect(predict({ tmdbId }, { asOf })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      details: { errors: [{ path: "asOf", message: `${message}; given: "${asOf}"` }] },
    });
  });

  test("computed as of its release equals what lies ready", async () => {
    const ready = await predict({ tmdbId: MATRIX.tmdbId }, { explain: true });
    await harness.onlineStore.remove([onlineRowKey(climateView, MATRIX.tmdbId)]);
    expect(await predict({ tmdbId: MATRIX.tmdbId }, { explain: true })).toEqual(ready);
  });
});

describe("a film by description", () => {
  test("is computed from what is given, by names as the catalog knows them", async () => {
    const prediction = await predict({
      title: "The Long Take",
      releaseDate: "2027-05-01",
      runtime: 120,
      directors: ["lana  WACHOWSKI"],
    });
    expect(prediction).toEqual({
      rating: expect.closeTo(7 + 1 / 4 + 0.2, 9),
      interval: expect.objectContaining({ coverage: 0.9 }),
      model: { name: "rating", version: 3 },
      asOf: TODAY,
      features: {
        missing: ["genres", "language", "budget", "writers", "cast", "companies", "collection"],
        stale: [],
        unrecognised: [],
        ageSeconds: 0,
      },
    });
    expect(harness.reads).toBe(2);
  });

  test("of the past is predicted as of its release", async () => {
    const prediction = await predict({ releaseDate: "1997-01-01", directors: ["Lana Wachowski"] });
    expect(prediction.asOf).toBe("1997-01-01");
    expect(prediction.rating).toBeCloseTo(6 + 2 / 3, 9);
  });

  test("by someone unknown counts as a newcomer's, not as unknown", async () => {
    const { rating, features } = await predict({ directors: ["Nobody Yet"] });
    expect(rating).toBeCloseTo(7, 9);
    expect(features.missing).not.toContain("director");
    expect(features.unrecognised).toEqual(["Nobody Yet"]);
  });

  test("of which nothing is said is as good as the films of these days", async () => {
    const { rating, features } = await predict({});
    expect(rating).toBeCloseTo(7, 9);
    expect(features.missing).toEqual(ALL_GROUPS.filter((group) => group !== "climate"));
    expect(harness.reads).toBe(1);
  });

  test.each([
    ["a budget of 0", { budget: 0 }, "budget"],
    ["an empty list of directors", { directors: [] }, "director"],
    ["an empty list of genres", { genres: [] }, "genres"],
  ])("with %s says nothing of it", async (_sentence, movie, group) => {
    expect((await predict(movie)).features.missing).toContain(group);
  });

  test("counts a name that is given twice once", async () => {
    const once = await predict({ directors: ["Lana Wachowski", "Nobody Yet"] });
    expect(await predict({ directors: ["Lana Wachowski", "Nobody Yet", "LANA WACHOWSKI"] })).toEqual(once);
  });

  test("reads no more of the cast and the companies than counts", async () => {
    const asked: string[] = [];
    const read = harness.onlineStore.read;
    harness.onlineStore.read = (keys) => {
      asked.push(...keys.map(({ entity }) => entity));
      return read(keys);
    };
    await predict({ cast: ["A", "B", "C", "D", "E", "F"], companies: ["A", "B", "C", "D"] });
    expect(asked.filter((entity) => /^person:|^company:/.test(entity))).toEqual([
      ...["a", "b", "c", "d", "e"].map((name) => `person:${name}`),
      ...["a", "b", "c"].map((name) => `company:${name}`),
    ]);
  });

  test("that names as many people as it may reads no more than a few thousand values", async () => {
    let asked = 0;
    const read = harness.onlineStore.read;
    harness.onlineStore.read = (keys) => {
      asked += keys.length;
      return read(keys);
    };
    const names = (of: string) => Array.from({ length: 500 }, (_, i) => `${of} ${i}`);
    await harness.onlineStore.write(
      [...names("Director"), ...names("Writer")].map((name, i) => ({
        ...ONLINE.personName(name),
        value: encodeText(i + 1),
        materializedAt: CLOCK.now(),
        ttlSeconds: 60,
      })),
    );
    await predict({ directors: names("Director"), writers: names("Writer") });
    expect(asked).toBeLessThan(5_000);
  });

  test("as of a day after its release is refused", async () => {
    await expect(predict({ releaseDate: "2020-01-01" }, { asOf: "2020-01-02" })).rejects.toMatchObject({
      details: {
        errors: [{ path: "asOf", message: 'must be at most 2020-01-01, the film\'s release; given: "2020-01-02"' }],
      },
    });
  });
});

describe("an explanation", () => {
  test("adds up to the rating, the largest part first", async () => {
    const { rating, explanation } = await predict({ tmdbId: SEQUEL.tmdbId }, { explain: true });
    expect(explanation?.base).toBeCloseTo(6, 9);
    expect(explanation?.contributions).toEqual([
      { feature: "climate", label: "Rating level of recent films", contribution: expect.closeTo(1, 9) },
      { feature: "runtime", label: "Running time", contribution: expect.closeTo(0.5, 9) },
      { feature: "director", label: "Director's earlier films", contribution: expect.closeTo(0.25, 9) },
    ]);
    const sum = (explanation?.contributions ?? []).reduce((total, { contribution }) => total + contribution, 0);
    expect((explanation?.base ?? 0) + sum).toBeCloseTo(rating, 9);
  });
});
