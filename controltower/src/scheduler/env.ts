import { databaseSettings, eventBusSettings, processSettings } from "@marquee/shared/service/backing-settings";
import { setting } from "@marquee/shared/service/env";
import { validate } from "node-cron";
import { z } from "zod";

const cron = () =>
  z.string().refine((text) => validate(text), { error: 'accepted is a cron expression, such as "0 4 * * *"' });

const timeZone = () =>
  z.string().refine(isTimeZone, { error: "accepted is a time zone as the IANA names it, such as Asia/Seoul" });

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** When pipelines start, who may start them, and how often a retrain may be. */
export const schedulingEnv = {
  DAILY_SCHEDULE: cron().default("0 4 * * *"),
  TRAIN_SCHEDULE: cron().default("0 6 * * 1"),
  /** Before the backups, so that they do not keep what has just expired. */
  RETENTION_SCHEDULE: cron().default("0 3 * * *"),
  BACKUP_SCHEDULE: cron().default("30 3 * * *"),
  /** Hourly, and not on the hour, when other pipelines begin. */
  SKEW_SCHEDULE: cron().default("40 * * * *"),
  TIME_ZONE: timeZone().default("Asia/Seoul"),
  /** For `/api`; unset lets everybody in, so production needs it. */
  SCHEDULER_API_TOKEN: setting.text().optional(),
  /** For `/webhooks/alertmanager`; the same. */
  ALERTMANAGER_WEBHOOK_TOKEN: setting.text().optional(),
  RETRAIN_MAX_PER_DAY: setting.integer(0, 1_000).default(3),
  RETRAIN_COOL_DOWN_SECONDS: setting.integer(0, 31_536_000).default(21_600),
  RETRAIN_MIN_NEW_RATINGS: setting.integer(1, 1_000_000).default(50),
};

/** These settings in the words of `createScheduling`. */
export function schedulingOf(settings: z.infer<z.ZodObject<typeof schedulingEnv>>) {
  return {
    crons: {
      daily: settings.DAILY_SCHEDULE,
      train: settings.TRAIN_SCHEDULE,
      retention: settings.RETENTION_SCHEDULE,
      backup: settings.BACKUP_SCHEDULE,
      skew: settings.SKEW_SCHEDULE,
    },
    timeZone: settings.TIME_ZONE,
    retrain: {
      maxPerDay: settings.RETRAIN_MAX_PER_DAY,
      coolDownSeconds: settings.RETRAIN_COOL_DOWN_SECONDS,
      minNewRatings: settings.RETRAIN_MIN_NEW_RATINGS,
    },
  };
}

/** What the scheduler reads from the environment. */
export const schedulerSettings = z
  .object({
    ...processSettings,
    ...databaseSettings,
    ...eventBusSettings,
    ...schedulingEnv,
    PORT: setting.integer(0, 65_535).default(8080),
  })
  .superRefine((settings, context) => {
    if (settings.MARQUEE_ENV !== "production") return;
    for (const name of ["SCHEDULER_API_TOKEN", "ALERTMANAGER_WEBHOOK_TOKEN"] as const) {
      if (settings[name] === undefined)
        context.addIssue({ code: "custom", path: [name], message: "production needs it" });
    }
  });
export type SchedulerSettings = z.infer<typeof schedulerSettings>;
