import { MarqueeError } from "@marquee/shared/service/errors";

/**
 * What every interval, waiting time and `for` of Prometheus and Alertmanager is multiplied by: 1 as shipped, less where
 * a test cannot wait. Expressions never depend on it.
 */
export type TimeScale = number;

/**
 * A duration in Prometheus's form: whole minutes or seconds where they come out even, else milliseconds.
 * @param seconds as shipped
 * @throws SETTINGS_INVALID where the scale is no number above 0, or leaves less than a millisecond
 */
export function scaledDuration(seconds: number, scale: TimeScale): string {
  const milliseconds = Math.round(seconds * 1000 * scale);
  if (!Number.isFinite(milliseconds) || milliseconds < 1) {
    throw new MarqueeError(
      "SETTINGS_INVALID",
      `Times cannot be scaled by ${scale}: ${seconds} s would be under a millisecond. Accepted is a number above 0; 1 is as shipped.`,
    );
  }
  if (milliseconds % 3_600_000 === 0) return `${milliseconds / 3_600_000}h`;
  if (milliseconds % 60_000 === 0) return `${milliseconds / 60_000}m`;
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
