import type { OnlineRead, OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { ONLINE } from "@marquee/shared/features/online-layout";
import type { Metrics } from "@marquee/shared/service/metrics";

/** The record of all films: every computed prediction asks for it, and every materialisation writes it. */
export async function readClimate(onlineStore: OnlineStore): Promise<OnlineRead | undefined> {
  return (await onlineStore.read([ONLINE.record("climate:all")]))[0];
}

/** Tells Prometheus how old the features are. Where nobody knows there is no series, since 0 would say "fresh". */
export function measureFeatureAge(metrics: Metrics, onlineStore: OnlineStore): void {
  metrics.gauge({
    name: "feature_age_seconds",
    help: "Age of the features in the online store, since the moment that they speak for",
    async collect() {
      const climate = await readClimate(onlineStore).catch(() => undefined);
      if (climate === undefined || climate.status === "missing") this.remove();
      else this.set(climate.ageSeconds);
    },
  });
}
