import { expect, test } from "vitest";
import { z } from "zod";
import { databaseSettings, objectStoreSettings, redisSettings } from "./backing-settings.ts";
import { loadSettings, setting } from "./env.ts";

const schema = z
  .object({
    ...databaseSettings,
    ...redisSettings,
    OBJECT_STORE_URL: objectStoreSettings.OBJECT_STORE_URL,
    PORT: setting.integer(0, 65_535),
    LEVEL: setting.oneOf(["low", "high"]),
    NAME: setting.text(),
    SERVICE_TOKEN: setting.text().optional(),
  })
  .superRefine((settings, context) => {
    if (settings.SERVICE_TOKEN === undefined)
      context.addIssue({ code: "custom", path: ["SERVICE_TOKEN"], message: "production needs it" });
  });
const GOOD = {
  DATABASE_URL: "postgres://localhost/marquee",
  REDIS_URL: "redis://localhost:6379",
  OBJECT_STORE_URL: "file:///data",
  ...{ PORT: "1", LEVEL: "low", NAME: "n", SERVICE_TOKEN: "t" },
};
const load = (variables: Record<string, string>) => loadSettings(schema, { folder: "/nowhere", variables });

test.each<[string, string]>([
  ["DATABASE_URL", "DATABASE_URL: is not set; accepted is a URL that begins with postgres:// or postgresql://"],
  ["REDIS_URL", "REDIS_URL: is not set; accepted is redis"],
  ["PORT", "PORT: is not set; accepted is a whole number from 0 to 65535"],
  ["LEVEL", "LEVEL: is not set; accepted is one of low, high"],
  ["NAME", "NAME: is not set"],
  ["SERVICE_TOKEN", "SERVICE_TOKEN: production needs it (given: not set)"],
])("a %s that is missing is told in plain words", (name, message) => {
  const { [name as keyof typeof GOOD]: _left, ...variables } = GOOD;
  expect(() => load(variables)).toThrow(message);
  expect(() => load(variables)).not.toThrow("Invalid input");
});

test("a wrong value is told with what is accepted, a secret's without it", () => {
  expect(() => load({ ...GOOD, PORT: "x" })).toThrow('PORT: accepted is a whole number from 0 to 65535 (given: "x")');
  expect(() => load({ ...GOOD, DATABASE_URL: "mysql://u:p@h/d" })).toThrow("(given: (hidden))");
});
