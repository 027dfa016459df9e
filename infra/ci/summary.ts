/** One part of a CI run. */
export interface Part {
  name: string;
  exitCode: number;
  seconds: number;
  /** Absent for parts that run no tests. */
  tests?: { passed: number; failed: number; skipped: string[] };
}

/** The figures of a vitest JSON report that count here. */
export interface VitestReport {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

export function countTests(report: VitestReport): NonNullable<Part["tests"]> {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  // A file that could not even be loaded has no tests, and is a failure all the same.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
  );
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: tests.filter(({ status }) => status === "failed").length + brokenFiles.length,
    skipped: tests.filter(({ status }) => status !== "passed" && status !== "failed").map(({ fullName }) => fullName),
  };
}

/**
 * The closing page of a CI run, and whether it is green: every part ended with 0 and no test was skipped. The inputs
 * are there in CI, so a skipped test is one that was forgotten.
 */
export function summarise(parts: readonly Part[]): { text: string; green: boolean } {
  const green = parts.every(
    ({ exitCode, tests }) => exitCode === 0 && (tests?.failed ?? 0) === 0 && (tests?.skipped.length ?? 0) === 0,
  );
  const sum = (count: (tests: NonNullable<Part["tests"]>) => number) =>
    parts.reduce((total, { tests }) => total + (tests ? count(tests) : 0), 0);
  const rows = parts.map(
    ({ name, exitCode, seconds, tests }) =>
      `${exitCode === 0 ? "ok  " : "FAIL"}  ${name.padEnd(14)} ${String(seconds).padStart(5)} s${tests ? `   ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped.length} skipped` : ""}`,
  );
  const skipped = parts.flatMap(({ name, tests }) =>
    (tests?.skipped ?? []).map((test) => `skipped in ${name}: ${test}`),
  );
  const seconds = parts.reduce((total, part) => total + part.seconds, 0);
  const lines = [
    ...rows,
    ...skipped,
    `${green ? "green" : "RED"} after ${seconds} s`,
    `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`,
  ];
  return { text: lines.join("\n"), green };
}
