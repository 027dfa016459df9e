import type { Database } from "@marquee/shared/backing/postgres/database";
import { alertmanagerWebhookSchema } from "@marquee/shared/contracts/alertmanager-webhook";
import { triggerRequestSchema } from "@marquee/shared/contracts/pipeline-run";
import type { AlertAnswer } from "@marquee/shared/contracts/retrain-decision";
import { MarqueeError } from "@marquee/shared/service/errors";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requireBearer } from "./bearer.ts";
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
const runsQuerySchema = z.strictObject({ pipeline: z.string().optional(), limit: limitSchema });
const decisionsQuerySchema = z.strictObject({ limit: limitSchema });
const nameSchema = z.object({ name: z.string() });
const runIdSchema = z.object({ runId: z.uuid() });

/** The API that people and the command line use. */
export function addApiRoutes(app: FastifyInstance, options: RoutesOptions): void {
  const { database, runs, schedule, governor } = options;
  const protection = { onRequest: requireBearer(options.apiToken) };

  app.get("/api/pipelines", protection, () => ({ pipelines: schedule.describe() }));

  app.post("/api/pipelines/:name/runs", protection, async (request, reply) => {
    const { name } = parse(nameSchema, request.params, "The path");
    const run = await runs.trigger(name, parse(triggerRequestSchema, request.body ?? {}, "The body"));
    return reply.status(201).header("location", `/api/runs/${run.runId}`).send(run);
  });

  app.get("/api/runs", protection, async (request) => ({
    runs: await listRuns(database, parse(runsQuerySchema, request.query, "The query")),
  }));

  app.get("/api/runs/:runId", protection, (request) =>
    findRun(database, parse(runIdSchema, request.params, "The path").runId),
  );

  app.get("/api/decisions", protection, async (request) => ({
    decisions: await governor.decisions(parse(decisionsQuerySchema, request.query, "The query").limit),
  }));
}

/** What other servers tell us. */
export function addWebhookRoutes(app: FastifyInstance, { governor, webhookToken }: RoutesOptions): void {
  app.post("/webhooks/alertmanager", { onRequest: requireBearer(webhookToken) }, async (request) => {
    const { alerts } = parse(alertmanagerWebhookSchema, request.body, "The body");
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
    details: { problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message })) },
  });
}
