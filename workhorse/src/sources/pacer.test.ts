import { describe, expect, it } from "vitest";
import { createPacer } from "./pacer.ts";

describe("the pacer", () => {
  it("lets callers begin at once without a limit", async () => {
    const pacer = createPacer(0);
    await Promise.all(Array.from({ length: 1_000 }, () => pacer.turn()));
  });

  it("gives later callers later turns, and an aborted one none", async () => {
    // The clock stands still, so the second turn is 1000 s away.
    const pacer = createPacer(0.001, () => 0);
    await pacer.turn();
    const abort = new AbortController();
    const second = pacer.turn(abort.signal);
    abort.abort();
    await expect(second).rejects.toThrow("abort");
  });

  it("lets turns begin a gap apart, in the order of asking", async () => {
    const pacer = createPacer(200);
    const order: number[] = [];
    const begun = await Promise.all(
      Array.from({ length: 6 }, async (_, i) => {
        const at = await pacer.turn();
        order.push(i);
        return at;
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [i, at] of begun.entries()) if (i > 0) expect(at - (begun[i - 1] ?? 0)).toBeGreaterThanOrEqual(5);
  });

  it("makes everybody wait when the source asks to slow down, those already waiting too", async () => {
    const pacer = createPacer(20);
    const begunAt = await pacer.turn();
    const waiting = [pacer.turn(), pacer.turn()];
    pacer.limited({ begunAt, retryAfterMs: 100 });
    const [first = 0, second = 0] = await Promise.all(waiting);
    expect(first - begunAt).toBeGreaterThanOrEqual(100);
    // Ten a second after the cut, and a little more with each moment.
    expect(second - first).toBeGreaterThan(80);
  });

  it("waits for a pause that is longer than a timer can be", async () => {
    let looked = 0;
    const pacer = createPacer(40, () => {
      looked += 1;
      return 0;
    });
    pacer.limited({ begunAt: 0, retryAfterMs: 5_000_000_000 });
    const abort = new AbortController();
    const turn = pacer.turn(abort.signal);
    const other = createPacer(30);
    await other.turn();
    await other.turn();
    abort.abort();
    await expect(turn).rejects.toThrow("abort");
    expect(looked).toBe(2);
  });

  it("goes on with other callers after an aborted one", async () => {
    const pacer = createPacer(0);
    await expect(pacer.turn(AbortSignal.abort())).rejects.toThrow("abort");
    await pacer.turn();
  });
});
