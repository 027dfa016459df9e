import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverSetting } from "@marquee/shared/testing/real-servers";
import { afterAll, describe, expect, test } from "vitest";
import { runChecks } from "../doctor/run-checks.ts";

const SERVERS = {
  KAFKA_BROKERS: serverSetting("KAFKA_BROKERS") ?? "",
  ELASTICSEARCH_URL: serverSetting("ELASTICSEARCH_URL") ?? "",
  MLFLOW_TRACKING_URI: serverSetting("MLFLOW_TRACKING_URI") ?? "",
};

describe.skipIf(Object.values(SERVERS).includes(""))("the doctor, on real Kafka, Elasticsearch and MLflow", () => {
  const folder = mkdtempSync(join(tmpdir(), "marquee-doctor-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("finds them well", async () => {
    const variables = { MARQUEE_HOME: join(folder, "home"), ...SERVERS };
    const findings = await runChecks("http://127.0.0.1:9", { folder, variables });
    expect(findings).toEqual(
      expect.arrayContaining([
        { name: "event bus", state: "ok", text: `Kafka at ${SERVERS.KAFKA_BROKERS}` },
        { name: "log store", state: "ok", text: `Elasticsearch at ${new URL(SERVERS.ELASTICSEARCH_URL).host}` },
        { name: "tracking", state: "ok", text: `MLflow at ${new URL(SERVERS.MLFLOW_TRACKING_URI).host}` },
      ]),
    );
  });
});
