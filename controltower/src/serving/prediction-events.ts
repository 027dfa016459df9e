import type { EventPublisher } from "@marquee/shared/backing/event-bus/event-publisher";
import type { PredictionEvent } from "@marquee/shared/contracts/prediction-event";
import { dayOf, epochDay } from "@marquee/shared/contracts/time";
import { isMature } from "@marquee/shared/features/maturity";
import type { FilmCard } from "@marquee/shared/features/online-layout";
import { type Clock, instantOf } from "@marquee/shared/service/clock";
import { uuidv7 } from "@marquee/shared/service/ids";
import type { AnsweredPrediction } from "./predictor.ts";

/**
 * Sends each prediction to topic `predictions`. Nobody waits for it: a bus that is away costs an answer nothing, and
 * what the publisher must drop stands in its metrics.
 */
export function createPredictionEvents(
  publisher: Pick<EventPublisher, "offer">,
  clock: Clock,
): (answered: AnsweredPrediction) => void {
  return (answered) => {
    const event = predictionEventOf(answered, clock);
    // A film's predictions keep their order; those of described films have nothing to be kept in order with.
    const key = event.tmdbId === null ? event.traceId : String(event.tmdbId);
    publisher.offer("predictions", { id: event.id, key, value: JSON.stringify(event) });
  };
}

function predictionEventOf({ prediction, features, traceId }: AnsweredPrediction, clock: Clock): PredictionEvent {
  const { rating, interval, model, asOf } = prediction;
  return {
    id: uuidv7(clock),
    at: instantOf(clock),
    traceId,
    tmdbId: features.tmdbId ?? null,
    model,
    asOf,
    rating,
    interval: { lower: interval.lower, upper: interval.upper },
    actualKnown: hasMatureRating(features.film, clock),
    missing: features.missing,
    stale: features.stale,
  };
}

/** As far as the online store knows, which is what the model could have learned from. */
function hasMatureRating(film: FilmCard | undefined, clock: Clock): boolean {
  if (!film?.actual || film.releaseDate === undefined) return false;
  return isMature(film.actual.votes, epochDay(film.releaseDate), epochDay(dayOf(clock.now())));
}
