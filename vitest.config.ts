import { defineConfig } from "vitest/config";

const folders = ["shared", "workhorse", "controltower", "nervous", "infra"].join(",");

/**
 * One project per kind of test, told apart by suffix:
 * unit        x.test.ts beside x.ts, no I/O
 * embedded    test/x.embedded.test.ts, the embedded PostgreSQL and HTTP on loopback, nothing installed
 * e2e         test/x.e2e.test.ts, whole processes, nothing installed
 * integration test/x.integration.test.ts, real servers (.ci/run starts them)
 * endurance   infra/endurance/x.endurance.test.ts, the big counts; small with the integration tier
 * loop        infra/loop/x.loop.test.ts, the whole product over real servers
 */
const project = (name: string, pattern: string, timeout: number, extra: object = {}) => ({
  test: {
    name,
    include: [`{${folders}}/${pattern}`],
    exclude: [
      "**/node_modules/**",
      ...(name === "unit" ? ["**/*.{embedded,e2e,integration,endurance,loop}.test.ts"] : []),
    ],
    testTimeout: timeout,
    hookTimeout: timeout,
    ...extra,
  },
});

export default defineConfig({
  test: {
    // Two cores are the reference machine; more workers only make the whole-process tests wait for each other.
    maxWorkers: 2,
    projects: [
      project("unit", "**/*.test.ts", 20_000),
      project("embedded", "**/*.embedded.test.ts", 120_000, {
        globalSetup: ["./shared/src/testing/embedded-setup.ts"],
      }),
      project("e2e", "**/*.e2e.test.ts", 600_000, { fileParallelism: false }),
      project("integration", "**/*.integration.test.ts", 300_000),
      project("endurance", "**/*.endurance.test.ts", 1_200_000, { fileParallelism: false }),
      project("loop", "**/*.loop.test.ts", 1_800_000, { fileParallelism: false }),
    ],
  },
});
