import { describe, expect, it } from "vitest";
import { createLogger } from "../../service/logger.ts";
import { connectDatabase } from "../postgres/database.ts";
import { openLogStore } from "./open-log-store.ts";

const ELASTICSEARCH_URL = "https://logs.example:9200";
const database = connectDatabase({ url: "postgres://127.0.0.1:1/none", log: createLogger("test", "silent") });

describe("opening the log store", () => {
  it.each([
    ["none", {}],
    ["an API key", { ELASTICSEARCH_API_KEY: "key" }],
    ["a user with a password", { ELASTICSEARCH_USERNAME: "marquee", ELASTICSEARCH_PASSWORD: "secret" }],
  ])("takes credentials: %s", async (_what, credentials) => {
    const store = await openLogStore({ settings: { ELASTICSEARCH_URL, ...credentials }, database });
    await store.close();
  });

  it.each([
    ["a user without a password", { ELASTICSEARCH_USERNAME: "marquee" }],
    ["a password without a user", { ELASTICSEARCH_PASSWORD: "secret" }],
    [
      "an API key beside a user",
      { ELASTICSEARCH_API_KEY: "key", ELASTICSEARCH_USERNAME: "marquee", ELASTICSEARCH_PASSWORD: "secret" },
    ],
    ["a user in the address", { ELASTICSEARCH_URL: "https://marquee:secret@logs.example:9200" }],
  ])("refuses %s without telling the secret", async (_what, settings) => {
    const opening = openLogStore({ settings: { ELASTICSEARCH_URL, ...settings }, database });
    await expect(opening).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.not.stringContaining("secret"),
    });
  });
});
