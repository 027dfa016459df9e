import { z } from "zod";
import { instantSchema } from "./time.ts";

/**
 * What Alertmanager posts to a webhook receiver, version 4
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config). Keys that we do not read are let pass.
 */
const alertSchema = z.looseObject({
  status: z.enum(["firing", "resolved"]),
  labels: z.looseObject({ alertname: z.string().min(1) }).catchall(z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
  /** Alertmanager's has nanoseconds and may have an offset. */
  startsAt: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text).toISOString())
    .pipe(instantSchema),
  fingerprint: z.string().min(1),
});
export type Alert = z.infer<typeof alertSchema>;

export const alertmanagerWebhookSchema = z.looseObject({
  version: z.literal("4"),
  groupKey: z.string(),
  status: z.enum(["firing", "resolved"]),
  receiver: z.string(),
  alerts: z.array(alertSchema).min(1).max(1_000),
});
export type AlertmanagerWebhook = z.infer<typeof alertmanagerWebhookSchema>;
