import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ALERT_RULES, ruleFile } from "./rules.ts";

it.each(ALERT_RULES.map((rule) => [rule.alert, rule] as const))(
  "%s has a severity, and a runbook that exists",
  (_alert, { labels, annotations }) => {
    expect(["warning", "critical"]).toContain(labels.severity);
    expect(existsSync(join(import.meta.dirname, "../..", annotations.runbook)), annotations.runbook).toBe(true);
  },
);

it("only the live error asks for a retrain, of the pipeline train", () => {
  const asking = ALERT_RULES.filter(({ labels }) => labels.action === "retrain");
  expect(asking.map(({ alert, labels }) => [alert, labels.pipeline])).toEqual([["LiveErrorHigh", "train"]]);
});

it("waiting times follow the scale", () => {
  expect(ruleFile(0.01)).toMatchObject({
    groups: [
      {
        rules: [
          { alert: "ServingDown", for: "600ms" },
          { alert: "LiveErrorHigh", for: "6s", keep_firing_for: "6s" },
          { alert: "FeaturesStale", for: "9s" },
          { alert: "QualityStopped", for: "600ms" },
          { alert: "ArchiveOld", for: "9s" },
          { alert: "SourceFailing", for: "9s" },
          { alert: "BackupOld", for: "9s" },
          { alert: "QuarantineGrows", for: "3s" },
          { alert: "FeatureLeak", for: "600ms" },
          { alert: "FeatureSkew", for: "600ms" },
          { alert: "FeatureSkewUnchecked", for: "9s" },
          { alert: "FeatureServerDown", for: "600ms" },
        ],
      },
    ],
  });
});
