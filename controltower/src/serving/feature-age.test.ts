import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import type { OnlineStore } from "@marquee/shared/backing/online-store/online-store";
import { climateView } from "@marquee/shared/features/climate-view";
import { viewKey } from "@marquee/shared/features/feature-view";
import { fixedClock } from "@marquee/shared/service/clock";
import { createMetrics } from "@marquee/shared/service/metrics";
import { beforeEach, describe, expect, test } from "vitest";
import { CATALOG_VIEWS, materialiseCatalog } from "../../test/small-catalog.ts";
import { measureFeatureAge, readFeatureState } from "./feature-age.ts";
import { freshnessProblem } from "./readiness.ts";

const CLOCK = fixedClock("2026-07-01T12:00:00Z");
const CLIMATE = viewKey(climateView);

let store: OnlineStore;
beforeEach(() => {
  store = createMemoryOnlineStore(CLOCK);
});

const confirmed = (view: string, at: string) => store.confirm(view, { at: new Date(at), source: "a dataset" });
const ageShown = async () => {
  const metrics = createMetrics("test");
  measureFeatureAge(metrics, store, CLOCK);
  return /^marquee_feature_age_seconds\{.*\} (.+)$/m.exec(await metrics.text())?.[1];
};
const problem = async () => freshnessProblem(await readFeatureState(store, CLOCK));

describe("the age of the features", () => {
  test("is that of the view that lags the most, however lately its values were written", async () => {
    await materialiseCatalog(store, new Date("2026-07-01T09:00:00Z"));
    for (const view of CATALOG_VIEWS) if (view !== CLIMATE) await confirmed(view, "2026-07-01T11:00:00Z");
    expect(await ageShown()).toBe(String(3 * 3600));
    expect(await problem()).toBeUndefined();
  });

  test("over the time to live is told as stale", async () => {
    await materialiseCatalog(store, new Date("2026-06-30T09:30:00Z"));
    expect(await problem()).toBe("The features are stale: 26.5 hours old, over their time to live of 26 hours.");
  });

  test("is not known where a view was never materialised, and that view is told", async () => {
    await materialiseCatalog(store, CLOCK.now());
    await store.drop(CLIMATE);
    expect(await ageShown()).toBeUndefined();
    expect(await problem()).toBe(
      `Not materialised in this release's version: ${CLIMATE}. Films of the catalog are computed on demand until then.`,
    );
  });

  test("is not known while the online store is away", async () => {
    store.watermarks = () => Promise.reject(new Error("away"));
    expect(await ageShown()).toBeUndefined();
  });

  test("of an empty store is not known, and there are no records", async () => {
    expect(await ageShown()).toBeUndefined();
    expect((await readFeatureState(store, CLOCK)).records).toBe(false);
  });
});
