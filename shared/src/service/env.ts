import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { MarqueeError } from "./errors.ts";

export const ENVIRONMENTS = ["local", "development", "production"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** Variables by name, as the operating system gives them. */
export type Variables = Record<string, string | undefined>;

/** A secret's name ends so; its value is never shown, not even when it is wrong. */
const SECRET_NAME = /(KEY|TOKEN|PASSWORD|SECRET|DATABASE_URL|REDIS_URL)$/;

export interface LoadOptions {
  /** The folder that holds `.env` and `.env.<environment>`; the working directory unless given. */
  folder?: string;
  /** The process's own variables, which win over the files'. `process.env` unless given. */
  variables?: Variables;
  /** What the command line says; wins over everything. */
  overrides?: Variables;
}

/**
 * Reads a process's settings: `.env`, then `.env.<MARQUEE_ENV>`, then the process's own variables, then overrides, the later winning.
 * An empty value counts as unset.
 * @throws SETTINGS_INVALID naming every wrong setting at once: variable, value given, what is accepted
 */
export function loadSettings<Schema extends z.ZodObject>(schema: Schema, options: LoadOptions = {}): z.infer<Schema> {
  const variables = mergedVariables(options);
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describe(schema, issue, variables));
  throw new MarqueeError(
    "SETTINGS_INVALID",
    `${problems.length === 1 ? "A setting is" : "Settings are"} wrong:\n${problems.join("\n")}`,
    {
      details: { problems },
    },
  );
}

export function mergedVariables(options: LoadOptions = {}): Variables {
  const folder = options.folder ?? process.cwd();
  const own = dropEmpty(options.variables ?? process.env);
  const base = readEnvFile(join(folder, ".env"));
  const environment = own.MARQUEE_ENV ?? base.MARQUEE_ENV ?? "local";
  return {
    ...base,
    ...readEnvFile(join(folder, `.env.${environment}`)),
    ...own,
    ...dropEmpty(options.overrides ?? {}),
  };
}

function readEnvFile(path: string): Variables {
  return existsSync(path) ? dropEmpty(parseEnv(readFileSync(path, "utf8")) as Variables) : {};
}

function dropEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""));
}

function describe(schema: z.ZodObject, issue: z.core.$ZodIssue, variables: Variables): string {
  const name = issue.path.join(".");
  const value = variables[name];
  if (value === undefined && issue.code !== "custom") {
    return [`  ${name}: is not set`, ...acceptedBy(schema.shape[name])].join("; ");
  }
  const given = value === undefined ? "not set" : SECRET_NAME.test(name) ? "(hidden)" : JSON.stringify(value);
  return `  ${name}: ${issue.message} (given: ${given})`;
}

/** What a setting says of an empty value, which is as little as none: nothing where any text is accepted. */
function acceptedBy(field: z.core.$ZodType | undefined): string[] {
  const parsed = field === undefined ? undefined : z.safeParse(field, "");
  return parsed?.error?.issues.slice(0, 1).map(({ message }) => message) ?? [];
}

/** Settings' values are text; these turn them into what is meant, with errors that say what is accepted. */
export const setting = {
  environment: () => oneOf(ENVIRONMENTS).default("local"),
  oneOf,
  text: () => z.string(),
  url: (...protocols: string[]) =>
    z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.replace(":", "")), {
      error: `accepted is a URL that begins with ${protocols.map((name) => `${name}://`).join(" or ")}`,
    }),
  integer: (min: number, max: number) =>
    z
      .string()
      .refine((text) => /^-?\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
        error: `accepted is a whole number from ${min} to ${max}`,
      })
      .transform(Number),
  number: (min: number, max: number) =>
    z
      .string()
      .refine((text) => text.trim() !== "" && Number(text) >= min && Number(text) <= max, {
        error: `accepted is a number from ${min} to ${max}`,
      })
      .transform(Number),
};

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `accepted is one of ${values.join(", ")}` });
}
