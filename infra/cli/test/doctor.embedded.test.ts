import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Finding } from "../doctor/finding.ts";
import { runChecks } from "../doctor/run-checks.ts";

/** Nothing listens there. */
const NOWHERE = "127.0.0.1:9";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "marquee-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function findingsOf(settings: Record<string, string>): Promise<Partial<Record<string, Finding>>> {
  const variables = { MARQUEE_HOME: join(folder, "home"), ...settings };
  const findings = await runChecks(`http://${NOWHERE}`, { folder, variables });
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

describe("the doctor", () => {
  test("finds everything embedded where nothing is set", async () => {
    const findings = await findingsOf({});
    expect(Object.values(findings).filter((finding) => finding?.state === "wrong")).toEqual([]);
    for (const name of ["event bus", "log store", "tracking"]) {
      expect(findings[name]).toEqual({ name, state: "ok", text: "in PostgreSQL's tables" });
    }
  });

  test.each([
    ["event bus", { KAFKA_BROKERS: NOWHERE }, /event bus at 127\.0\.0\.1:9/],
    ["log store", { ELASTICSEARCH_URL: `http://${NOWHERE}` }, /log store at 127\.0\.0\.1:9 cannot be used now/],
    ["tracking", { MLFLOW_TRACKING_URI: `http://${NOWHERE}` }, /MLflow at 127\.0\.0\.1:9 cannot be reached/],
    ["online store", { REDIS_URL: `redis://${NOWHERE}` }, /online store at 127\.0\.0\.1:9 cannot be used now/],
    ["database", { DATABASE_URL: `postgres://${NOWHERE}/marquee` }, /database at 127\.0\.0\.1:9/],
  ])("says in words that the %s is away, and all else is checked", async (name, settings, words) => {
    const findings = await findingsOf(settings);
    expect(findings[name]).toMatchObject({ state: "wrong", text: expect.stringMatching(words) });
    expect(Object.values(findings).filter((finding) => finding?.state === "wrong")).toHaveLength(1);
  });

  test("says which settings are wrong, and shows no secret", async () => {
    const findings = await findingsOf({
      ELASTICSEARCH_URL: "elastic.example:9200",
      MLFLOW_TRACKING_URI: "ftp://mlflow.example",
      KAFKA_TLS: "yes",
      KAFKA_PASSWORD: "hunter2",
    });
    expect(findings.settings?.state).toBe("wrong");
    for (const name of ["ELASTICSEARCH_URL", "MLFLOW_TRACKING_URI", "KAFKA_TLS"]) {
      expect(findings.settings?.text).toContain(`${name}: accepted is`);
    }
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  test("says that credentials are not whole", async () => {
    const findings = await findingsOf({
      ELASTICSEARCH_URL: `http://${NOWHERE}`,
      ELASTICSEARCH_USERNAME: "marquee",
    });
    expect(findings["log store"]).toMatchObject({ state: "wrong", text: expect.stringContaining("go together") });
  });
});
