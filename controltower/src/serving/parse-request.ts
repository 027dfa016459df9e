import {
  formOfPredictRequest,
  PREDICT_REQUEST_FORMS,
  type PredictRequest,
  type PredictRequestForm,
  predictBatchRequestSchema,
} from "@marquee/shared/contracts/prediction";
import type { FieldError } from "@marquee/shared/contracts/problem";
import { MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";

export interface ParsedRequest {
  form: PredictRequestForm;
  request: PredictRequest;
  /** Where in the body the request stands: empty, or `items[3]`. */
  at: string;
}

/** Longer values are cut when they are shown to their sender. */
const MAX_SHOWN_CHARACTERS = 60;
/** Further wrong fields are counted, not listed. */
const MAX_LISTED_ERRORS = 20;

/**
 * Reads one request of `POST /predict`, alone or as an item of a batch.
 * @param at where it stands in the body, for the problem's paths
 * @returns the request, or a REQUEST_INVALID that names every wrong field
 */
export function parsePredictRequest(body: unknown, at = ""): ParsedRequest | MarqueeError {
  const form = formOfPredictRequest(body);
  const parsed = PREDICT_REQUEST_FORMS[form].safeParse(body, { reportInput: true, error: sentence });
  return parsed.success ? { form, request: parsed.data, at } : requestInvalid(fieldErrors(parsed.error, at));
}

/** Reads a batch as far as its items, which may each turn out right or wrong on their own. */
export function parseBatchRequest(body: unknown): unknown[] | MarqueeError {
  const parsed = predictBatchRequestSchema.safeParse(body, { reportInput: true, error: sentence });
  return parsed.success ? parsed.data.items : requestInvalid(fieldErrors(parsed.error, ""));
}

/** A REQUEST_INVALID that names its fields. */
export function requestInvalid(errors: FieldError[]): MarqueeError {
  const listed = errors.slice(0, MAX_LISTED_ERRORS);
  const [first] = listed;
  const sentence = first ? `${first.path} ${first.message}` : "The request does not have the expected form";
  const detail = errors.length > 1 ? `${errors.length} fields are not as expected, the first: ${sentence}` : sentence;
  return new MarqueeError("REQUEST_INVALID", detail, { details: { errors: listed } });
}

/** A field's path, where `at` is the place of its request in the body: `items[3].movie.cast[0]`. */
export function pathOf(at: string, path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (before, part) =>
      typeof part === "number" ? `${before}[${part}]` : before === "" ? String(part) : `${before}.${String(part)}`,
    at,
  );
  return text === "" ? "body" : text;
}

/** A value as its sender may see it again: cut short, and of lists and objects only what they are. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(cut(value)) : String(value);
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`;
}

/** One error a field: of a number that is neither whole nor in range the first says enough. */
function fieldErrors(error: z.ZodError, at: string): FieldError[] {
  const byPath = new Map<string, FieldError>();
  for (const issue of error.issues) {
    const unknownKeys = issue.code === "unrecognized_keys" ? issue.keys : undefined;
    const paths = unknownKeys ? unknownKeys.map((key) => [...issue.path, cut(key)]) : [issue.path];
    for (const path of paths.map((parts) => pathOf(at, parts))) {
      if (!byPath.has(path)) byPath.set(path, { path, message: unknownKeys ? issue.message : complaint(issue) });
    }
  }
  return [...byPath.values()];
}

function complaint(issue: z.core.$ZodIssue): string {
  return issue.input === undefined
    ? `is missing: it ${issue.message}`
    : `${issue.message}; given: ${shown(issue.input)}`;
}

/** What a field must be, where its schema does not say so itself. */
function sentence(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return isMovie(issue)
        ? `must be an object: ${MOVIE_FORMS}`
        : (formatSentence(issue) ?? `must be ${KINDS[issue.expected] ?? issue.expected}`);
    case "unrecognized_keys":
      return `is not known here; accepted: ${acceptedKeys(issue)}`;
    case "too_small":
      return `must ${AMOUNTS[issue.origin] ?? "be"} at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case "too_big":
      return `must ${AMOUNTS[issue.origin] ?? "be"} at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    default:
      return "must have another form";
  }
}

/** Of a date or a code its own format says more than that it must be a string. */
function formatSentence(issue: z.core.$ZodRawIssue): string | undefined {
  for (const check of issue.inst instanceof z.ZodType ? (issue.inst.def.checks ?? []) : []) {
    const { check: kind, error } = check._zod.def;
    if (kind !== "custom" && kind !== "string_format") continue;
    // A check's own error is typed for the issues that it raises itself; here it is asked on behalf of the type.
    const said = (error as z.core.$ZodErrorMap | undefined)?.(issue);
    if (said) return typeof said === "string" ? said : said.message;
  }
  return undefined;
}

const KINDS: Partial<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

const AMOUNTS: Partial<Record<string, string>> = { string: "have", array: "have" };

function unitOf(origin: string, amount: number | bigint): string {
  if (origin !== "string" && origin !== "array") return "";
  const unit = origin === "string" ? "character" : "member";
  return amount === 1 ? ` ${unit}` : ` ${unit}s`;
}

const keysOf = (schema: z.ZodObject): string[] => Object.keys(schema.shape);
const DESCRIPTION_KEYS = keysOf(PREDICT_REQUEST_FORMS.description.shape.movie);
const MOVIE_FORMS = `{ tmdbId }, { imdbId }, or a description with any of ${DESCRIPTION_KEYS.join(", ")}`;

function isMovie(issue: z.core.$ZodRawIssue): boolean {
  return issue.path?.length === 1 && issue.path[0] === "movie";
}

/** Beside an id nothing describes the film: which of the two should count would be a guess. */
function acceptedKeys(issue: z.core.$ZodRawIssue): string {
  const schema = issue.inst;
  if (schema === PREDICT_REQUEST_FORMS.description.shape.movie) return MOVIE_FORMS;
  const keys = schema instanceof z.ZodObject ? keysOf(schema) : [];
  return isMovie(issue) ? `${keys.join(", ")} alone, or a description without ${keys.join(", ")}` : keys.join(", ");
}
