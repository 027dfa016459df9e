import { mkdir, mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { completeLibraryLinks, findPostgresBinaries } from "../src/backing/postgres/postgres-binaries.ts";

const LINKS = [
  { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so" },
  { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" },
];

let root: string;
let native: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "marquee-links-"));
  native = join(root, "native");
  await mkdir(join(native, "lib"), { recursive: true });
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(LINKS));
});
afterEach(() => rm(root, { recursive: true }));

it("finds a PostgreSQL 18 or newer that runs here", async () => {
  expect((await findPostgresBinaries()).major).toBeGreaterThanOrEqual(18);
});

it("makes the links that PostgreSQL's libraries need, several processes at once, and leaves those that are there", async () => {
  await Promise.all(Array.from({ length: 10 }, () => completeLibraryLinks(native)));
  await completeLibraryLinks(native);
  for (const name of ["libpq.so", "libpq.so.5"])
    expect(await readlink(join(native, "lib", name))).toBe("libpq.so.5.18");
});

it("has nothing to do where the platform's package lists no links", async () => {
  await rm(join(native, "pg-symlinks.json"));
  await completeLibraryLinks(native);
});

it("says which link is missing where it cannot be made, and the way out", async () => {
  await rm(join(native, "lib"), { recursive: true });
  await expect(completeLibraryLinks(native)).rejects.toMatchObject({
    code: "DATABASE_NO_BINARY",
    message: expect.stringMatching(/lib\/libpq\.so .*as a user who may write there.*DATABASE_URL=/s),
  });
});
