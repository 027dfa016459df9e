import type { Database } from "@marquee/shared/backing/postgres/database";
import { alertmanagerWebhookSchema } from "@marquee/shared/contracts/alertmanager-webhook";
import { triggerRequestSchema } from "@marquee/shared/contracts/pipeline-run";
import type { AlertAnswer } from "@marquee/shared/contracts/retrain-decision";
import { requireBearer } from "@marquee/shared/service/bearer";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Governor } from "./governor.ts";
import { findRun, listRuns } from "./run-records.ts";
import type { Runs } from "./runs.ts";
import type { Schedule } from "./schedule.ts";

export interface RoutesOptions {
  database: Database;
  runs: Runs;
  schedule: Schedule;
  governor: Governor;
  /** Unset lets everybody in. */
  apiToken: string | undefined;
  webhookToken: string | undefined;
}

const limitSchema = z.coerce.number().int().min(1).max(500).default(50);
/** PostgreSQL's text takes every character but U+0000. */
const isStorable = (text: string) => !text.includes("\0");
const NOT_STORABLE = "the character U+0000 is not accepted";

const runsQuerySchema = z.strictObject({
  pipeline: z.string().refine(isStorable, { error: NOT_STORABLE }).optional(),
  limit: limitSchema,
});
const storableTriggerSchema = triggerRequestSchema.superRefine((request, context) => {
  for (const field of ["by", "reason"] as const) {
    if (!isStorable(request[field])) context.addIssue({ code: "custom", path: [field], message: NOT_STORABLE });
  }
});
const decisionsQuerySchema = z.strictObject({ limit: limitSchema });
const nameSchema = z.object({ name: z.string() });
const runIdSchema = z.object({ runId: z.uuid() });

/** The API that people and the command line use. */
export function addApiRoutes(app: FastifyInstance, options: RoutesOptions): void {
  const { database, runs, schedule, governor } = options;
  const onRequest = requireBearer(options.apiToken);
  const route = (summary: string) => ({ onRequest, schema: { tags: ["pipelines"], summary } });

  app.get("/api/pipelines", route("What runs regularly, and when next"), () => ({ pipelines: schedule.describe() }));

  app.post("/api/pipelines/:name/runs", route("Start a pipeline now"), async (request, reply) => {
    const { name } = parse(nameSchema, request.params, "The path");
    const run = await runs.trigger(name, parse(storableTriggerSchema, request.body ?? {}, "The body"));
    return reply.status(201).header("location", `/api/runs/${run.runId}`).send(run);
  });

  app.get("/api/runs", route("The latest runs, with their tasks"), async (request) => ({
    runs: await listRuns(database, parse(runsQuerySchema, request.query, "The query")),
  }));

  app.get("/api/runs/:runId", route("One run"), (request) =>
    findRun(database, parse(runIdSchema, request.params, "The path").runId),
  );

  app.get("/api/decisions", route("Answers to alerts that asked for a retrain"), async (request) => ({
    decisions: await governor.decisions(parse(decisionsQuerySchema, request.query, "The query").limit),
  }));
}

/** Alertmanager's have 16 characters; what an index takes is a few thousand bytes. */
const MAX_FINGERPRINT_CHARACTERS = 200;

/** What Alertmanager posts, as far as a decision about it can be kept. */
const storableWebhookSchema = alertmanagerWebhookSchema.superRefine(({ alerts }, context) => {
  for (const [i, { fingerprint, startsAt, labels }] of alerts.entries()) {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: ["alerts", i, field], message });
    if (fingerprint.length > MAX_FINGERPRINT_CHARACTERS) {
      refuse("fingerprint", `accepted are at most ${MAX_FINGERPRINT_CHARACTERS} characters`);
    }
    if (!isStorable(fingerprint)) refuse("fingerprint", NOT_STORABLE);
    if (!isStorable(labels.alertname)) refuse("labels", NOT_STORABLE);
    // PostgreSQL has no year 0.
    if (startsAt < "0001") refuse("startsAt", "accepted are years from 1 on");
  }
});

/** What other servers tell us. */
export function addWebhookRoutes(app: FastifyInstance, { governor, webhookToken }: RoutesOptions): void {
  const schema = { tags: ["pipelines"], summary: "Alerts, as Alertmanager sends them" };
  app.post("/webhooks/alertmanager", { onRequest: requireBearer(webhookToken), schema }, async (request) => {
    const { alerts } = parse(storableWebhookSchema, request.body, "The body");
    const answers: AlertAnswer[] = [];
    // One after the other: the second alert of a group is to see what the first has started.
    for (const alert of alerts) answers.push(await governor.answer(alert));
    return { answers };
  });
}

/** @throws REQUEST_INVALID naming every field that is wrong */
function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MarqueeError("REQUEST_INVALID", `${what} is not what is accepted: ${z.prettifyError(parsed.error)}`, {
    details: { errors: parsed.error.issues.map(({ path, message }) => ({ path: z.core.toDotPath(path), message })) },
  });
}
