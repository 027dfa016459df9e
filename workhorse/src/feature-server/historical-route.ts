import type { FastifyInstance, RouteShorthandOptions } from "fastify";
import type { HistoricalFeatures } from "./historical-features.ts";

export const PARQUET_TYPE = "application/vnd.apache.parquet";
/** A hundred thousand rows with an id, a moment and some columns that are handed through. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** `POST /get-historical-features`, for notebooks: columns as JSON, or a Parquet file for who accepts it. */
export function addHistoricalRoute(
  app: FastifyInstance,
  historicalFeatures: HistoricalFeatures,
  route: RouteShorthandOptions,
): void {
  void app.register((scope, _options, done) => {
    // Megabytes of JSON are read where they keep nobody waiting.
    scope.removeContentTypeParser("application/json");
    scope.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.post<{ Body: string | undefined }>(
      "/get-historical-features",
      { ...route, bodyLimit: BODY_LIMIT_BYTES },
      async ({ body, headers }, reply) => {
        const format = headers.accept?.includes(PARQUET_TYPE) ? "parquet" : "json";
        const gone = new AbortController();
        reply.raw.once("close", () => gone.abort());
        const answer = await historicalFeatures(body ?? "", format, gone.signal);
        return reply.type(format === "parquet" ? PARQUET_TYPE : "application/json; charset=utf-8").send(answer);
      },
    );
    done();
  });
}
