import { expect, it } from "vitest";
import { PRODUCTION_TARGETS } from "./jobs.ts";
import { scrapeConfig } from "./scrape-config.ts";

const options = { targets: PRODUCTION_TARGETS, scale: 1, rulesFile: "rules.yml", alertmanager: "alertmanager:9093" };

it("every process is asked where it listens, both colours of serving among them", () => {
  expect(PRODUCTION_TARGETS).toEqual({
    serving: ["controltower:8000", "controltower:8081"],
    scheduler: ["controltower:8080"],
    worker: ["workhorse:9464"],
    "feature-server": ["workhorse:6566"],
    logs: ["logs:9465"],
    events: ["events:9466"],
    quality: ["quality:9467"],
  });
  expect(scrapeConfig(options)).toMatchObject({
    scrape_configs: Object.entries(PRODUCTION_TARGETS).map(([job_name, targets]) => ({
      job_name,
      static_configs: [{ targets }],
    })),
  });
});

it("processes are asked and rules evaluated as often as the scale says", () => {
  expect(scrapeConfig({ ...options, scale: 0.02 })).toMatchObject({
    global: { scrape_interval: "300ms", evaluation_interval: "300ms" },
  });
});

it("credentials are sent only where there are any, from a file", () => {
  expect(JSON.stringify(scrapeConfig(options))).not.toContain("authorization");
  expect(scrapeConfig({ ...options, credentialsFile: "/run/secrets/scrape" })).toMatchObject({
    scrape_configs: Object.keys(PRODUCTION_TARGETS).map(() => ({
      authorization: { type: "Bearer", credentials_file: "/run/secrets/scrape" },
    })),
  });
});
