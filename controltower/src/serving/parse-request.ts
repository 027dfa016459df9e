import {
  formOfPredictRequest,
  PREDICT_REQUEST_FORMS,
  type PredictRequest,
  type PredictRequestForm,
  predictBatchRequestSchema,
} from "@marquee/shared/contracts/prediction";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { z } from "zod";
import { keysOf, parseBody, type Sentence } from "./field-errors.ts";

export interface ParsedRequest {
  form: PredictRequestForm;
  request: PredictRequest;
  /** Where in the body the request stands: empty, or `items[3]`. */
  at: string;
}

/**
 * Reads one request of `POST /predict`, alone or as an item of a batch.
 * @param at where it stands in the body, for the problem's paths
 * @returns the request, or a REQUEST_INVALID that names every wrong field
 */
export function parsePredictRequest(body: unknown, at = ""): ParsedRequest | MarqueeError {
  const form = formOfPredictRequest(body);
  const parsed = parseBody<z.ZodType<PredictRequest>>(PREDICT_REQUEST_FORMS[form], body, at, movieSentence);
  return parsed instanceof MarqueeError ? parsed : { form, request: parsed.data, at };
}

/** Reads a batch as far as its items, which may each turn out right or wrong on their own. */
export function parseBatchRequest(body: unknown): unknown[] | MarqueeError {
  const parsed = parseBody(predictBatchRequestSchema, body);
  return parsed instanceof MarqueeError ? parsed : parsed.data.items;
}

const DESCRIPTION_KEYS = keysOf(PREDICT_REQUEST_FORMS.description.shape.movie);
const MOVIE_FORMS = `{ tmdbId }, { imdbId }, or a description with any of ${DESCRIPTION_KEYS.join(", ")}`;

/** How a film may be named. Beside an id nothing describes it: which of the two should count would be a guess. */
const movieSentence: Sentence = ({ code, path, inst }) => {
  if (path?.length !== 1 || path[0] !== "movie") return undefined;
  if (code === "invalid_type") return `must be an object: ${MOVIE_FORMS}`;
  if (code !== "unrecognized_keys") return undefined;
  if (inst === PREDICT_REQUEST_FORMS.description.shape.movie) return `is not known here; accepted: ${MOVIE_FORMS}`;
  const keys = keysOf(inst).join(", ");
  return `is not known here; accepted: ${keys} alone, or a description without ${keys}`;
};
