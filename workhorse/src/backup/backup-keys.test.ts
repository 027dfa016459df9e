import { expect, it } from "vitest";
import { backupKeys, backupNameOf, begunAt } from "./backup-keys.ts";

it("a backup's name is the second in which it was begun, and says it again", () => {
  expect(backupNameOf(new Date("2026-11-21T03:30:00.999Z"))).toBe("2026-11-21T033000Z");
  expect(begunAt("2026-11-21T033000Z")).toEqual(new Date("2026-11-21T03:30:00Z"));
});

it.each(["models", "2026-11-21", "2026-11-21T033000", "2026-13-41T000000Z", "2026-11-21T03:30:00Z"])(
  "%s is no backup's name",
  (name) => {
    expect(begunAt(name)).toBeUndefined();
  },
);

it("a table with an unusual name has a key of its own", () => {
  const keys = ["films", "Films", 'odd "name', "a=41", "Ünï"].map((table) =>
    backupKeys.table("2026-11-21T033000Z", table),
  );
  expect(keys).toEqual(
    ["films", "=46ilms", "odd=20=22name", "a=3d41", "=c39cn=c3af"].map(
      (key) => `backups/2026-11-21T033000Z/${key}.copy.gz`,
    ),
  );
});
