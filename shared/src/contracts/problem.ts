import { z } from "zod";
import { ERRORS, type ErrorCode, type MarqueeError } from "../service/errors.ts";

/** One field of a request that was refused. */
export const fieldErrorSchema = z.strictObject({
  path: z.string().describe("Where, e.g. movie.releaseDate or items[3].movie"),
  message: z.string().describe("What is wrong and what is accepted"),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** An RFC 9457 problem document, media type application/problem+json. */
export const problemSchema = z.strictObject({
  type: z.string().describe("A stable name of the kind of problem"),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe("What happened this time, and what to do about it"),
  code: z.string().describe("The error's code in docs/errors.md"),
  requestId: z.string().optional(),
  errors: z.array(fieldErrorSchema).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Of ours these are meant for the sender; the messages of the rest name our servers. */
const TOLD_CODES: readonly ErrorCode[] = ["NO_CHAMPION", "NOT_READY"];

/** What a stranger is told: the message below 500 and where we are not ready, only the title where we broke. */
export function problemOf(error: MarqueeError, requestId?: string): Problem {
  const errors = z.array(fieldErrorSchema).safeParse(error.details.errors);
  const told = error.statusCode < 500 || TOLD_CODES.includes(error.code);
  return {
    type: `urn:marquee:problem:${error.code.toLowerCase().replaceAll("_", "-")}`,
    title: ERRORS[error.code].title,
    status: error.statusCode,
    detail: told
      ? error.message
      : `${error.retriable ? "Try again shortly. " : ""}The log has the reason under this request id.`,
    code: error.code,
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors.success ? { errors: errors.data } : {}),
  };
}
