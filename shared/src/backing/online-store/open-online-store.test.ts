import { expect, it } from "vitest";
import { systemClock } from "../../service/clock.ts";
import { createLogger } from "../../service/logger.ts";
import { openOnlineStore } from "./open-online-store.ts";

const open = (url: string) => openOnlineStore({ url, clock: systemClock, log: createLogger("test", "silent") });

it.each([
  "redis://localhost",
  "redis://:secret@localhost:6379/2",
  "rediss://user:secret@redis.internal:6380",
  "redis+cluster://user:secret@one:6379,two:6379",
])("opens %s, and connects to nothing before it is asked", async (url) => {
  await open(url).close();
});

it.each(["localhost:6379", "http://localhost:6379", "redis://"])(
  "refuses %s, names the setting and says what is accepted",
  (url) => {
    expect(() => open(url)).toThrow(expect.objectContaining({ code: "SETTINGS_INVALID" }));
    expect(() => open(url)).toThrow("REDIS_URL: accepted is redis://");
  },
);
