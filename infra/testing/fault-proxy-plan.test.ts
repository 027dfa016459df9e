import { describe, expect, test } from "vitest";
import { createFaultPlan, type Fault, type FaultPlanOptions } from "./fault-proxy-plan.ts";

const plan = (options: Partial<FaultPlanOptions> & Pick<FaultPlanOptions, "plan">) =>
  createFaultPlan({ seed: 7, burst: 1, inARow: 2, ...options });
const asked = (url: string) => ({ method: "GET", url });
const urls = (count: number) => Array.from({ length: count }, (_, i) => `/3/movie/${i}`);

describe("a chosen plan", () => {
  test("meets each request with its number, and an address at most twice in a row", () => {
    const numbers: number[] = [];
    const faults = plan({
      plan: (_request, n) => {
        numbers.push(n);
        return "html";
      },
    });
    const met = ["/a", "/a", "/b", "/a", "/a", "/a"].map((url) => faults.choose(asked(url)));
    expect(met).toEqual(["html", "html", "html", undefined, "html", "html"]);
    expect(numbers).toEqual([1, 2, 1, 4, 5]);
    expect(faults.counts()).toMatchObject({ html: 5, reset: 0 });
  });

  test("counts given answers together, and not what did not fit", () => {
    const answer: Fault = { status: 404, body: "{}" };
    const faults = plan({ plan: ({ url }) => (url === "/a" ? answer : "not-json") });
    for (const url of ["/a", "/b"]) faults.choose(asked(url));
    faults.withdraw(asked("/b"), "not-json");
    expect(faults.counts()).toMatchObject({ answer: 1, "not-json": 0 });
  });
});

describe("chances", () => {
  const chances = { reset: { chance: 0.2, atMost: 1_000 }, html: { chance: 0.1, atMost: 1_000 } };

  test("are met in their shares", () => {
    const faults = plan({ plan: chances });
    for (const url of urls(2_000)) faults.choose(asked(url));
    const { reset, html } = faults.counts();
    expect(Math.abs(reset - 400)).toBeLessThan(80);
    expect(Math.abs(html - 200)).toBeLessThan(60);
  });

  test("give the same faults for the same seed in whatever order requests come, others for another", () => {
    const drawn = (seed: number, order: string[]) => {
      const faults = plan({ plan: chances, seed });
      const met = new Map(order.map((url) => [url, faults.choose(asked(url))]));
      return order.toSorted().map((url) => met.get(url));
    };
    const some = urls(200);
    expect(drawn(7, some.toReversed())).toEqual(drawn(7, some));
    expect(drawn(8, some)).not.toEqual(drawn(7, some));
  });

  test("end when there have been so many of a kind", () => {
    const faults = plan({ plan: { reset: { chance: 1, atMost: 3 } } });
    expect(urls(5).map((url) => faults.choose(asked(url)))).toEqual(["reset", "reset", "reset", undefined, undefined]);
  });

  test("of a rate limit begin a burst, which ends with their number too", () => {
    const limited = { "rate-limited": { chance: 0.1, atMost: 40 } };
    const faults = plan({ plan: limited, burst: 4 });
    const met = urls(400).map((url) => (faults.choose(asked(url)) === undefined ? "." : "x"));
    const bursts = met.join("").match(/x+/g) ?? [];
    expect(bursts.every((burst) => burst.length % 4 === 0)).toBe(true);
    expect(faults.counts()["rate-limited"]).toBe(40);
  });
});
