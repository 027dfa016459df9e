import { expect, it } from "vitest";
import { startFailure } from "./server-process.ts";

it("tells a full disk from any other failure", () => {
  const output = ['FATAL:  could not write lock file "postmaster.pid": No space left on device'];
  expect(startFailure("It did not start:", "/data", output)).toMatchObject({
    code: "DISK_FULL",
    message: expect.stringContaining("/data"),
  });
});

it("shows the last lines of any other failure", () => {
  expect(startFailure("It did not start:", "/data", ["FATAL:  bad", "DETAIL:  very"])).toMatchObject({
    code: "DATABASE_START_FAILED",
    message: "It did not start:\nFATAL:  bad\nDETAIL:  very",
  });
});

it("says what to do where root may not become another user", () => {
  expect(startFailure("It did not start:", "/data", ["setpriv: setresuid failed: Invalid argument"]).message).toMatch(
    /as an ordinary user.*DATABASE_URL/s,
  );
});
