import { loadSettings } from "@marquee/shared/service/env";
import { MarqueeError } from "@marquee/shared/service/errors";
import { Command } from "commander";
import type { Finding } from "./doctor/finding.ts";
import { runChecks } from "./doctor/run-checks.ts";
import { cliSettings } from "./env.ts";
import type { Output } from "./program.ts";

const SIGNS: Record<Finding["state"], string> = { ok: "ok  ", note: "note", wrong: "FAIL" };

export function doctorCommand(output: Output): Command {
  return new Command("doctor")
    .description("Check this machine, the settings and every configured dependency, and say what is wrong in words")
    .option("--json", "print the findings as JSON")
    .option("--url <url>", "where Marquee answers (MARQUEE_URL, default http://localhost:8080)")
    .action(async ({ json, url }: { json?: boolean; url?: string }) => {
      const findings = await runChecks(url ?? loadSettings(cliSettings).MARQUEE_URL);
      output.write(
        json
          ? `${JSON.stringify({ findings })}\n`
          : findings.map(({ name, state, text }) => `${SIGNS[state]}  ${name.padEnd(18)} ${text}\n`).join(""),
      );
      const wrong = findings.filter(({ state }) => state === "wrong");
      if (wrong.length > 0) {
        throw new MarqueeError(
          "CHECKS_FAILED",
          `${wrong.length} of ${findings.length} checks failed: ${wrong.map(({ name }) => name).join(", ")}.`,
        );
      }
    });
}
