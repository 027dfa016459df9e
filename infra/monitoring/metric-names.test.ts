import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import { ALERT_RULES } from "../prometheus/rules.ts";

const root = join(import.meta.dirname, "../..");

/** Every metric of ours is made with its name and, right after it, its help: a sentence. */
const DECLARED = /"([a-z0-9_]+)",\s*(?:help:\s*)?"[A-Z]/g;
const sources = globSync("{shared,workhorse,controltower,nervous}/src/**/*.ts", {
  cwd: root,
  exclude: ["**/*.test.ts"],
});
const declared = new Set(
  sources.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(DECLARED)].map(([, name]) => `marquee_${name}`),
  ),
);

function unknownOf(expr: string): string[] {
  const used = [...expr.matchAll(/\bmarquee_\w+/g)].map(([name]) => name);
  return used.filter((name) => !declared.has(name) && !declared.has(name.replace(/_(bucket|sum|count)$/, "")));
}

describe("a metric that is asked for", () => {
  it("is found in the code that makes it", () => {
    expect(declared.size).toBeGreaterThan(25);
    expect(unknownOf("sum(rate(marquee_http_request_duration_seconds_bucket[1m])) + marquee_no_such_thing")).toEqual([
      "marquee_no_such_thing",
    ]);
  });

  it.each(
    DASHBOARDS.flatMap(({ rows }) => rows)
      .flatMap(({ panels }) => panels)
      .map(({ title, queries }) => ({ title, queries })),
  )("exists, by the panel $title", ({ queries }) => {
    expect(queries.flatMap(({ expr }) => unknownOf(expr))).toEqual([]);
  });

  it.each(ALERT_RULES.map(({ alert, expr }) => ({ alert, expr })))("exists, by the alert $alert", ({ expr }) => {
    expect(unknownOf(expr)).toEqual([]);
  });
});
