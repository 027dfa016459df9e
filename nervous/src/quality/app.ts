import { openObjectStore } from "@marquee/shared/backing/object-store/open-object-store";
import { databaseCheck, openProcessBacking } from "@marquee/shared/backing/open-process-backing";
import { answerHealth } from "@marquee/shared/service/answer-health";
import type { ProcessContext } from "@marquee/shared/service/run-process";
import type { QualitySettings } from "./env.ts";
import { watchQuality } from "./watch-quality.ts";

/**
 * `nervous quality` as a process: from topic `predictions` into the database, and from there live error and drift as
 * gauges. Predictions wait in the bus while the database is away.
 * @throws DATABASE_UNAVAILABLE where it is away at the start; PORT_TAKEN, SETTINGS_INVALID
 */
export async function startQuality(context: ProcessContext<QualitySettings>): Promise<void> {
  const { settings, clock, log, metrics, lifecycle } = context;
  const { database, bus, checks } = await openProcessBacking(context);
  const objectStore = await openObjectStore({
    url: settings.OBJECT_STORE_URL,
    endpoint: settings.S3_ENDPOINT,
    region: settings.AWS_REGION,
  });
  const own = await watchQuality({
    ...{ bus, database, objectStore, clock, log, metrics, lifecycle },
    intervalSeconds: settings.QUALITY_INTERVAL_SECONDS,
    psiDays: settings.QUALITY_PSI_DAYS,
    psiMinPredictions: settings.QUALITY_PSI_MIN_PREDICTIONS,
  });
  await answerHealth(context, [...own, databaseCheck(database), ...checks]);
}
