import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A process that shows at `/metrics` what Marquee's processes show, with the figures that a test gives it. */
export interface ExposedMetrics {
  /** `127.0.0.1:port` */
  readonly target: string;
  /** The champion and its figures from the next scrape on. */
  champion: { version: number; liveRmse: number; testedRmse: number; films: number };
  close(): Promise<void>;
}

export async function exposeMetrics(champion: ExposedMetrics["champion"]): Promise<ExposedMetrics> {
  let scrapes = 0;
  const server = createServer((_request, response) => {
    scrapes += 1;
    response.setHeader("content-type", "text/plain; version=0.0.4").end(exposition(exposed.champion, scrapes));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const exposed: ExposedMetrics = {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    champion,
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return exposed;
}

/** One series of each kind; counters grow with each scrape. */
function exposition({ version, liveRmse, testedRmse, films }: ExposedMetrics["champion"], count: number): string {
  const now = Date.now() / 1000;
  const request = 'method="POST",route="/predict",status="200"';
  const quality = `model="rating",version="${version}"`;
  const samples: Record<string, number> = {
    [`marquee_http_request_duration_seconds_bucket{${request},le="0.05"}`]: count,
    [`marquee_http_request_duration_seconds_bucket{${request},le="+Inf"}`]: count,
    [`marquee_http_request_duration_seconds_sum{${request}}`]: count * 0.02,
    [`marquee_http_request_duration_seconds_count{${request}}`]: count,
    'marquee_predictions_total{form="tmdbId",outcome="answered"}': count,
    'marquee_model_version{alias="champion"}': version,
    marquee_feature_age_seconds: 3_600,
    'marquee_feature_view_age_seconds{view="film_metadata@2"}': 3_600,
    'marquee_feature_lookups_total{view="film_metadata@2",outcome="present"}': count,
    'marquee_feature_read_duration_seconds_bucket{le="0.001"}': count,
    'marquee_feature_read_duration_seconds_bucket{le="+Inf"}': count,
    'marquee_http_request_duration_seconds_bucket{method="POST",route="/get-online-features",status="200",le="0.05"}':
      count,
    'marquee_http_request_duration_seconds_bucket{method="POST",route="/get-online-features",status="200",le="+Inf"}':
      count,
    'marquee_pipeline_runs_total{pipeline="daily",trigger="schedule",status="succeeded"}': 1,
    'marquee_pipeline_run_duration_seconds_sum{pipeline="daily"}': 60,
    'marquee_pipeline_run_duration_seconds_count{pipeline="daily"}': 1,
    'marquee_pipeline_run_duration_seconds_sum{pipeline="backup"}': 60,
    'marquee_pipeline_run_duration_seconds_count{pipeline="backup"}': 1,
    'marquee_pipeline_last_success_timestamp_seconds{pipeline="daily"}': now - 60,
    'marquee_pipeline_last_success_timestamp_seconds{pipeline="backup"}': now - 60,
    'marquee_pipeline_last_success_timestamp_seconds{pipeline="retention"}': now - 60,
    'marquee_tasks_total{task="collect",outcome="succeeded"}': 1,
    'marquee_task_duration_seconds_sum{task="collect"}': 20,
    'marquee_task_duration_seconds_count{task="collect"}': 1,
    marquee_tasks_running: 0,
    'marquee_source_requests_total{source="tmdb",outcome="ok"}': count,
    'marquee_quality_verdict{layer="silver"}': 0,
    'marquee_quality_check{layer="silver",subject="movies",metric="null_share release_date"}': 0.01,
    'marquee_quality_check{layer="silver",subject="movies",metric="out_of_range_share budget_usd"}': 0,
    'marquee_quality_check{layer="silver",subject="imdb",metric="refused"}': 0,
    'marquee_quarantine_rows{source="tmdb",reason="schema"}': 1,
    'marquee_schema_drift{source="tmdb",kind="new"}': 1,
    'marquee_catalog_rows{table="movies"}': 4_803,
    'marquee_catalog_rows{table="credits"}': 106_257,
    'marquee_catalog_rows{table="imdb_ratings"}': 775_956,
    'marquee_archive_age_seconds{source="tmdb"}': 3_600,
    'marquee_feature_check_films{kind="skew"}': 200,
    'marquee_feature_check_films{kind="leak"}': 500,
    'marquee_feature_check_timestamp_seconds{kind="skew"}': now - 60,
    'marquee_feature_check_timestamp_seconds{kind="leak"}': now - 60,
    'marquee_messages_published_total{topic="logs"}': count,
    'marquee_messages_consumed_total{topic="logs",outcome="stored"}': count,
    'marquee_consumer_lag_messages{topic="logs"}': 0,
    marquee_spool_bytes: 0,
    [`marquee_live_rmse{${quality}}`]: liveRmse,
    [`marquee_tested_rmse{${quality}}`]: testedRmse,
    [`marquee_live_films{${quality}}`]: films,
    [`marquee_prediction_psi{${quality}}`]: 0.05,
    [`marquee_prediction_psi_predictions{${quality}}`]: 500,
    marquee_quality_computed_timestamp_seconds: now,
  };
  return Object.entries(samples)
    .map(([series, value]) => `${series} ${value}\n`)
    .join("");
}
