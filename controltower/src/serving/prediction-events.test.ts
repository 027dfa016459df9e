import { predictionEventSchema } from "@marquee/shared/contracts/prediction-event";
import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryPublisher, type MemoryPublisher } from "../../test/memory-publisher.ts";
import { CLOCK, createPredictorHarness, type PredictorHarness, TRACE_ID } from "../../test/predictor-harness.ts";
import { MATRIX, materialiseCatalog, SEQUEL, TODAY } from "../../test/small-catalog.ts";
import { createPredictionEvents } from "./prediction-events.ts";
import type { AnsweredPrediction } from "./predictor.ts";

let harness: PredictorHarness;
let publisher: MemoryPublisher;
let send: (answered: AnsweredPrediction) => void;

beforeEach(async () => {
  harness = createPredictorHarness();
  await materialiseCatalog(harness.onlineStore, CLOCK.now());
  publisher = createMemoryPublisher();
  send = createPredictionEvents(publisher, CLOCK);
});

const sent = () => publisher.offered.map(({ value }) => predictionEventSchema.parse(JSON.parse(value)));

async function answeredOf(movie: object): Promise<AnsweredPrediction> {
  harness.answered = [];
  await harness.predict(movie);
  const [answered] = harness.answered;
  return answered!;
}

describe("the event of a prediction", () => {
  test("says what was answered, for which request, and has the film's id for a key", async () => {
    const answered = await answeredOf({ tmdbId: SEQUEL.tmdbId });
    send(answered);
    const [event] = sent();
    const { rating, interval } = answered.prediction;
    expect(event).toEqual({
      id: expect.stringMatching(/^019f1d8c-e200-7/),
      at: `${TODAY}T12:00:00.000Z`,
      traceId: TRACE_ID,
      tmdbId: SEQUEL.tmdbId,
      model: { name: "rating", version: 3 },
      asOf: TODAY,
      rating,
      interval: { lower: interval.lower, upper: interval.upper },
      actualKnown: false,
      missing: ["collection"],
      stale: [],
    });
    expect(publisher.offered).toMatchObject([{ topic: "predictions", id: event?.id, key: "604" }]);
  });

  test("of a described film has no film, and the request's trace id for a key", async () => {
    send(await answeredOf({ title: "The Matrix", releaseDate: MATRIX.releaseDate }));
    expect(sent()).toMatchObject([{ tmdbId: null, actualKnown: false }]);
    expect(publisher.offered).toMatchObject([{ key: TRACE_ID }]);
  });

  test("is another each time that a film is asked for", async () => {
    const answered = await answeredOf({ tmdbId: SEQUEL.tmdbId });
    send(answered);
    send(answered);
    expect(new Set(sent().map(({ id }) => id)).size).toBe(2);
  });

  test.each([
    ["50 votes, 90 days after the release", 50, "2026-04-02", true],
    ["49 votes", 49, "2026-04-02", false],
    ["89 days after the release", 50, "2026-04-03", false],
    ["an observation of a film without a release day", 1_000, undefined, false],
  ])("says whether the rating was known: with %s", async (_sentence, votes, releaseDate, actualKnown) => {
    const { features, ...answered } = await answeredOf({ tmdbId: MATRIX.tmdbId });
    const { actual: _actual, releaseDate: _releaseDate, ...card } = features.film!;
    const film = { ...card, actual: { rating: 8, votes }, ...(releaseDate === undefined ? {} : { releaseDate }) };
    send({ ...answered, features: { ...features, film: film as NonNullable<typeof features.film> } });
    expect(sent()).toMatchObject([{ actualKnown }]);
  });

  test("says that the rating was not known where the catalog has none", async () => {
    const { features, ...answered } = await answeredOf({ tmdbId: MATRIX.tmdbId });
    send({ ...answered, features: { ...features, film: undefined } });
    expect(sent()).toMatchObject([{ tmdbId: MATRIX.tmdbId, actualKnown: false }]);
  });
});

test("each prediction of a batch is told once, and what was refused is not", async () => {
  const movies = [{ tmdbId: MATRIX.tmdbId }, { tmdbId: 999 }, { budget: -1 }, { runtime: 100 }];
  await harness.predictor.batch({ items: movies.map((movie) => ({ movie })) });
  expect(harness.answered.map(({ features, traceId }) => [features.tmdbId, traceId])).toEqual([
    [MATRIX.tmdbId, TRACE_ID],
    [undefined, TRACE_ID],
  ]);
});
