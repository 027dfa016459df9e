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
});
