import { expect, it } from "vitest";
import { openObjectStore } from "./open-object-store.ts";

it("opens a folder by its file URL", () => {
  expect(openObjectStore("file:///tmp/objects").put).toBeTypeOf("function");
});

it.each([
  ["/tmp/objects", "given is no URL"],
  ["gs://bucket/prefix", "given is one that begins with gs://"],
  ["file://elsewhere/objects", "names no folder of this machine"],
])("refuses %s, names the setting and says what is accepted", (url, problem) => {
  expect(() => openObjectStore(url)).toThrow(
    expect.objectContaining({ code: "SETTINGS_INVALID", message: expect.stringContaining(problem) }),
  );
  expect(() => openObjectStore(url)).toThrow("file:///var/lib/marquee/objects");
});
