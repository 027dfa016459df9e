import { tmdbIdSchema } from "@marquee/shared/contracts/ids";
import { calendarDateSchema } from "@marquee/shared/contracts/time";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { FastifyError, FastifyInstance } from "fastify";
import { z } from "zod";
import type { ClockState, DatedFilms } from "./dated-films.ts";
import type { EditableFilms, EditState } from "./editable-films.ts";
import { movieBodySchema, PART_NAMES } from "./film.ts";

const clockSchema = z.strictObject({ asOf: calendarDateSchema });
/** IMDb's scale is nine points wide. */
const shiftSchema = z.strictObject({ from: calendarDateSchema, by: z.number().min(-9).max(9) });

const deleteSchema = z.strictObject({ tmdbId: tmdbIdSchema });
/** A film keeps its id, and its parts are no fields of the details. */
const fixedFields = ["id", ...PART_NAMES];
const editSchema = z.strictObject({
  tmdbId: tmdbIdSchema,
  fields: movieBodySchema
    .omit({ id: true })
    .partial()
    .refine((fields) => Object.keys(fields).length > 0, { error: "must have at least one field" })
    .refine((fields) => !fixedFields.some((name) => name in fields), {
      error: `must be fields of the film's details, without ${fixedFields.join(", ")}`,
    }),
});

export interface ControlOptions {
  editable: EditableFilms;
  /** Where the set stands at a date: its clock and its ratings can be moved too. */
  dated: DatedFilms | undefined;
}

/** Moves the world that the sandbox shows, to be mounted under `/control`. Not TMDB's or IMDb's: for tests and trials. */
export function addControlRoutes(app: FastifyInstance, { editable, dated }: ControlOptions): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error, path: request.url }, "sandbox: control request failed");
    return reply.status(status).send({ error: wordsFor(status, error.message) });
  });
  addEditRoutes(app, editable);
  if (dated) addClockRoutes(app, dated);
}

function addEditRoutes(app: FastifyInstance, editable: EditableFilms): void {
  app.post("/edit", (request): EditState => {
    const { tmdbId, fields } = parsed(editSchema, request.body, '{"tmdbId": 603, "fields": {"runtime": 137}}');
    const state = editable.edit(tmdbId, fields);
    request.log.info(state, "sandbox: a film was edited");
    return state;
  });
  app.post("/delete", (request): EditState => {
    const state = editable.remove(parsed(deleteSchema, request.body, '{"tmdbId": 603}').tmdbId);
    request.log.info(state, "sandbox: a film was deleted");
    return state;
  });
}

function addClockRoutes(app: FastifyInstance, dated: DatedFilms): void {
  app.get("/clock", (): ClockState => dated.state());
  app.post("/clock", (request): ClockState => {
    const { asOf } = parsed(clockSchema, request.body, '{"asOf": "2014-01-01"}');
    const state = dated.moveTo(asOf);
    request.log.info(state, "sandbox: the clock moved");
    return state;
  });
  app.post("/shift", (request): ClockState => {
    const shift = parsed(shiftSchema, request.body, '{"from": "2012-01-01", "by": -1.0}');
    const state = dated.setShift(shift);
    request.log.info(state, "sandbox: ratings shifted");
    return state;
  });
}

function wordsFor(status: number, message: string): string {
  if (status >= 500) return "Something went wrong; the log says what.";
  return status === 415 ? "Accepted is JSON, told by the header content-type: application/json." : message;
}

/** @throws REQUEST_INVALID naming what is accepted and each field that is wrong */
function parsed<Body>(schema: z.ZodType<Body>, body: unknown, accepted: string): Body {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
  throw new MarqueeError("REQUEST_INVALID", `Accepted is JSON such as ${accepted}; ${problems.join("; ")}.`);
}
