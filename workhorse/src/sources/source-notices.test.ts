import { MarqueeError } from "@marquee/shared/service/errors";
import { describe, expect, it } from "vitest";
import { createSourceNotices } from "./source-notices.ts";

function noticesAt() {
  const told: string[] = [];
  let at = 0;
  const notices = createSourceNotices(
    (text) => told.push(text),
    () => at,
  );
  return {
    told,
    notices,
    moveTo: (seconds: number) => {
      at = seconds * 1_000;
    },
  };
}

const failed = (details: Record<string, unknown>) => new MarqueeError("SOURCE_UNAVAILABLE", "Away.", { details });

describe("notices of sources", () => {
  it.each([
    [
      { reason: "ECONNREFUSED", fault: "reset" },
      3_600,
      2,
      "does not answer (ECONNREFUSED); trying again in 4 s (3 of 6).",
    ],
    [{ status: 503, fault: "server_error" }, 250, 1, "answers 503; trying again in 1 s (2 of 6)."],
    [{ fault: "truncated" }, 1_000, 5, "sends what cannot be used (truncated); trying again in 1 s (6 of 6)."],
  ])("say what a retry is for, when it comes and how many there are: %j", (details, delayMs, attempt, words) => {
    const { notices, told } = noticesAt();
    notices.retrying("IMDb", { error: failed(details), attempt, attempts: 6, delayMs });
    expect(told).toEqual([`IMDb ${words}`]);
  });

  it("come at once, then every ten seconds of each source at most", () => {
    const { notices, told, moveTo } = noticesAt();
    for (let second = 0; second <= 25; second++) {
      moveTo(second);
      notices.retrying("TMDB", { error: failed({ status: 500 + second }), attempt: 1, attempts: 6, delayMs: 1 });
      if (second === 4) notices.slowedDown("IMDb", 30);
    }
    expect(told.map((text) => text.replace(/; trying.*/, ""))).toEqual([
      "TMDB answers 500",
      "IMDb asks to slow down; going on in 30 s, at half the rate.",
      "TMDB answers 510",
      "TMDB answers 520",
    ]);
  });
});
