import { expect, it } from "vitest";
import { openObjectStore } from "./open-object-store.ts";

it.each(["file:///tmp/objects", "s3://bucket", "s3://bucket/a/prefix/"])("opens %s", async (url) => {
  expect((await openObjectStore({ url })).put).toBeTypeOf("function");
});

it.each([
  ["/tmp/objects", "given is no URL"],
  ["gs://bucket/prefix", "given is one that begins with gs://"],
  ["file://elsewhere/objects", "names no folder of this machine"],
  ["s3:///prefix", "names no bucket"],
  ["s3://bucket/prefix?region=eu-west-1", "names no bucket and prefix alone"],
  ["s3://key:secret@bucket", "credentials go into AWS_ACCESS_KEY_ID"],
])("refuses %s, names the setting and says what is accepted", async (url, problem) => {
  await expect(openObjectStore({ url })).rejects.toMatchObject({
    code: "SETTINGS_INVALID",
    message: expect.stringContaining(problem),
  });
  await expect(openObjectStore({ url })).rejects.toThrow("file:///var/lib/marquee/objects");
});
