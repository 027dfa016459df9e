import { expect, it } from "vitest";
import { openTracking } from "./open-tracking.ts";

it("without an address there is no tracking server", () => {
  expect(openTracking({})).toBeUndefined();
});

it("nothing is asked of a server before the first call", async () => {
  const tracking = openTracking({ MLFLOW_TRACKING_URI: "http://127.0.0.1:9", MLFLOW_TRACKING_USERNAME: "marquee" });
  await tracking?.close();
  expect(tracking).toBeDefined();
});
