import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inParallel } from "./in-parallel.ts";

describe("work in parallel", () => {
  it("gives results in the order of the items, with at most so many under way", async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < 8 - item; turn++) await setImmediate();
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(most).toBe(3);
  });

  it("begins nothing new after a failure, and throws it when all that was under way has ended", async () => {
    const ended: number[] = [];
    const failed = inParallel([1, 2, 3, 4, 5], 2, async (item) => {
      if (item === 1) throw new Error("first");
      await setImmediate();
      ended.push(item);
    });
    await expect(failed).rejects.toThrow("first");
    expect(ended).toEqual([2]);
  });

  it("has nothing to do without items", async () => {
    expect(await inParallel([], 4, async () => 1)).toEqual([]);
  });
});
