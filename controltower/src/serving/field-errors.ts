import type { FieldError } from "@marquee/shared/contracts/problem";
import { MarqueeError } from "@marquee/shared/service/errors";
import { z } from "zod";

/** Longer values are cut when they are shown to their sender. */
const MAX_SHOWN_CHARACTERS = 60;
/** Further wrong fields are counted, not listed. */
const MAX_LISTED_ERRORS = 20;

/** Says what a field must be, where its schema does not say so itself; undefined where it has nothing better to say. */
export type Sentence = (issue: z.core.$ZodRawIssue) => string | undefined;

/**
 * Reads a body by its contract.
 * @param at where in the body the value stands, for the problem's paths: empty, or `items[3]`
 * @param special what is to be said of this contract's fields instead of the general
 * @returns what the contract makes of it, or a REQUEST_INVALID that names every wrong field
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  at = "",
  special: Sentence = () => undefined,
): { data: z.infer<Schema> } | MarqueeError {
  const error: Sentence = (issue) => special(issue) ?? sentence(issue);
  const parsed = schema.safeParse(body, { reportInput: true, error });
  return parsed.success ? { data: parsed.data } : requestInvalid(fieldErrors(parsed.error, at));
}

/** A REQUEST_INVALID that names its fields. */
export function requestInvalid(errors: FieldError[]): MarqueeError {
  const listed = errors.slice(0, MAX_LISTED_ERRORS);
  const [first] = listed;
  const text = first ? `${first.path} ${first.message}` : "The request does not have the expected form";
  const detail = errors.length > 1 ? `${errors.length} fields are not as expected, the first: ${text}` : text;
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
  const given = inputOf(issue);
  return given === undefined ? `is missing: it ${issue.message}` : `${issue.message}; given: ${shown(given)}`;
}

/** Where a field chooses between forms and fits none, the issue holds the whole object. */
function inputOf(issue: z.core.$ZodIssue): unknown {
  const { input } = issue;
  const chooses = issue.code === "invalid_union" && "discriminator" in issue;
  if (!chooses || typeof input !== "object" || input === null) return input;
  const field = issue.path.at(-1);
  return Object.entries(input).find(([key]) => key === field)?.[1];
}

function sentence(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return formatSentence(issue) ?? `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_format":
      return FORMATS[issue.format] ?? "must have another form";
    case "invalid_union":
      return Array.isArray(issue.options) ? `must be one of ${issue.options.join(", ")}` : "must have another form";
    case "unrecognized_keys":
      return `is not known here; accepted: ${keysOf(issue.inst).join(", ")}`;
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
  const { inst } = issue;
  if (inst instanceof z.ZodStringFormat) return FORMATS[inst._zod.def.format];
  for (const check of inst instanceof z.ZodType ? (inst.def.checks ?? []) : []) {
    const { check: kind, error } = check._zod.def;
    if (kind !== "custom" && kind !== "string_format") continue;
    // A check's own error is typed for the issues that it raises itself; here it is asked on behalf of the type.
    const said = (error as z.core.$ZodErrorMap | undefined)?.(issue);
    if (said) return typeof said === "string" ? said : said.message;
  }
  return undefined;
}

/** The keys that an object may have; none where it is no object. */
export function keysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

const FORMATS: Partial<Record<string, string>> = {
  datetime: "must be a moment in UTC, such as 2027-05-01T20:15:00Z",
};

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
