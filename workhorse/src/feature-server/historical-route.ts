import { MarqueeError } from "@marquee/shared/service/errors";
import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { HistoricalFeatures } from "./historical-features.ts";

export const PARQUET_TYPE = "application/vnd.apache.parquet";
/** A hundred thousand rows with an id, a moment and some columns that are handed through. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** One is answered, two wait, each with its body in memory, or its answer until that is sent; who comes then is to come again. */
const MAX_QUESTIONS = 3;
/** Who has not taken the answer by then keeps others from theirs, in milliseconds; 150 MB take a minute at 20 Mbit/s. */
const SEND_LIMIT_MS = 600_000;
const RETRY_AFTER_SECONDS = 10;

/** `POST /get-historical-features`, for notebooks: columns as JSON, or a Parquet file for who accepts it. */
export function addHistoricalRoute(
  app: FastifyInstance,
  historicalFeatures: HistoricalFeatures,
  route: RouteShorthandOptions,
): void {
  void app.register((scope, _options, done) => {
    // Of those who have hung up, too: their connections are not waited for.
    const underWay = new Map<FastifyRequest, Promise<unknown>>();
    scope.addHook("onClose", async () => {
      await Promise.allSettled(underWay.values());
    });
    // From before their bodies are read.
    const held = new Set<FastifyRequest>();
    scope.addHook("preParsing", async (request, reply) => {
      if (held.size >= MAX_QUESTIONS) throw busy(held.size);
      held.add(request);
      const letGo = () => void (underWay.has(request) || held.delete(request));
      reply.raw.once("finish", letGo).once("close", letGo);
    });
    // Megabytes of JSON are read where they keep nobody waiting.
    scope.removeContentTypeParser("application/json");
    scope.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.post<{ Body: string | undefined }>(
      "/get-historical-features",
      { ...route, bodyLimit: BODY_LIMIT_BYTES },
      async (request, reply) => {
        const { body, headers } = request;
        const format = headers.accept?.includes(PARQUET_TYPE) ? "parquet" : "json";
        const gone = new AbortController();
        reply.raw.once("close", () => gone.abort());
        const asked = historicalFeatures(body ?? "", format, gone.signal);
        underWay.set(request, asked);
        await Promise.allSettled([asked]);
        underWay.delete(request);
        // Nobody is left to hear it, be it an answer or a refusal.
        if (gone.signal.aborted) {
          held.delete(request);
          return reply.hijack();
        }
        const answer = await asked;
        const slow = setTimeout(() => reply.raw.destroy(), SEND_LIMIT_MS).unref();
        reply.raw.once("finish", () => clearTimeout(slow)).once("close", () => clearTimeout(slow));
        return reply.type(format === "parquet" ? PARQUET_TYPE : "application/json; charset=utf-8").send(answer);
      },
    );
    done();
  });
}

function busy(questions: number): MarqueeError {
  return new MarqueeError("NOT_READY", `${questions} questions for historical features are before this one.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
