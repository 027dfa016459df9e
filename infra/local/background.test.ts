import { MarqueeError } from "@marquee/shared/service/errors";
import type { Check } from "@marquee/shared/service/http";
import { createLifecycle } from "@marquee/shared/service/lifecycle";
import { createLogger } from "@marquee/shared/service/logger";
import { describe, expect, it } from "vitest";
import { type BackgroundPart, createBackground } from "./background.ts";
import { createReporter } from "./reporter.ts";

const check = (problem?: string): Check => ({ name: "its check", severity: "required", problem: () => problem });
const part = (name: string, start: BackgroundPart["start"]): BackgroundPart => ({ name, start });

function background(...parts: BackgroundPart[]) {
  const log = createLogger("test", "silent");
  const lifecycle = createLifecycle(log);
  const lines: string[] = [];
  const reporter = createReporter({ write: (text) => lines.push(text) });
  const { checks, start } = createBackground(parts, { log, lifecycle, reporter });
  const problems = () => Promise.all(checks.map((one) => one.problem()));
  return { checks, start, problems, lines, lifecycle };
}

describe("what goes on beside predictions", () => {
  it("is in /ready from the beginning, and never keeps predictions from being ready", async () => {
    const { checks, problems } = background(part("log lines", async () => []));
    expect(checks.map(({ name, severity }) => [name, severity])).toEqual([["log lines", "degraded"]]);
    expect(await problems()).toEqual(["Not begun yet."]);
  });

  it("shows the first problem of what it looks at once it has begun", async () => {
    const { start, problems } = background(
      part("well", async () => [check()]),
      part("away", async () => [check(), check("The bus is away."), check("Another.")]),
    );
    await start();
    expect(await problems()).toEqual([undefined, "The bus is away."]);
  });

  it("says in one line what could not be started, and goes on with the rest", async () => {
    const { start, problems, lines } = background(
      part("pipelines", async () => {
        throw new MarqueeError("DATABASE_UNAVAILABLE", "The database is away.");
      }),
      part("log lines", async () => []),
    );
    await start();
    expect(lines).toEqual([
      "  Without pipelines: The database is away. Predictions go on; the next start tries again.\n",
    ]);
    expect(await problems()).toEqual(["The database is away.", undefined]);
  });

  it("does not go on with a wrong setting", async () => {
    const { start } = background(
      part("log lines", async () => {
        throw new MarqueeError("SETTINGS_INVALID", "The login is refused.");
      }),
    );
    await expect(start()).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
  });

  it("tells nothing of what a stop has cut short, and begins nothing after it", async () => {
    const begun: string[] = [];
    const { start, lines, lifecycle } = background(
      part("cut short", async () => {
        await lifecycle.stop();
        throw new MarqueeError("DATABASE_UNAVAILABLE", "The database is away.");
      }),
      part("later", async () => {
        begun.push("later");
        return [];
      }),
    );
    await start();
    expect([lines, begun]).toEqual([[], []]);
  });
});
