import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

const root = mkdtempSync(join(tmpdir(), "marquee-folder-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a folder", () => {
  it("is made with those above it, and taken as it is where it is there", () => {
    const path = join(root, "a", "b", "c");
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it("below a file, or in its place, is refused", () => {
    writeFileSync(join(root, "file"), "");
    const refusal = expect.objectContaining({
      code: "FOLDER_UNUSABLE",
      message: expect.stringContaining("/file cannot be made: a file has that name"),
    });
    expect(() => makeFolder(join(root, "file", "below"))).toThrow(refusal);
    expect(() => makeFolder(join(root, "file"))).toThrow(refusal);
  });

  it.runIf(process.platform === "linux")("where the system takes none is refused, by its name", () => {
    expect(() => makeFolder("/proc/x/sample")).toThrow(
      expect.objectContaining({ code: "FOLDER_UNUSABLE", message: expect.stringContaining("/proc/x cannot be made") }),
    );
  });
});
