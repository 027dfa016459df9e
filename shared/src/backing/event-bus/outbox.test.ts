import { describe, expect, it, vi } from "vitest";
import { createOutbox, type Outgoing } from "./outbox.ts";

const entry = (n: number, size = 1) => ({
  topic: "logs" as const,
  message: { id: String(n), key: "key", value: "x".repeat(size) },
});
const idsOf = (batch: readonly Outgoing[]) => batch.map(({ message }) => Number(message.id));

function createTaken(limits = { messages: 3, bytes: 100 }) {
  const batches: number[][] = [];
  const may: (() => void)[] = [];
  const outbox = createOutbox(limits, async (batch) => {
    batches.push(idsOf(batch));
    const { promise, resolve } = Promise.withResolvers<void>();
    may.push(resolve);
    await promise;
    for (const { settle } of batch) settle?.();
  });
  return { batches, outbox, next: () => may.shift()?.() };
}

describe("the outbox", () => {
  it("takes what is offered after 100 ms, together", async () => {
    vi.useFakeTimers();
    const { batches, outbox } = createTaken();
    outbox.offer(entry(1));
    await vi.advanceTimersByTimeAsync(60);
    outbox.offer(entry(2));
    await vi.advanceTimersByTimeAsync(39);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([[1, 2]]);
    vi.useRealTimers();
  });

  it("takes a full batch at once, and what comes meanwhile after it, in order", async () => {
    const { batches, outbox, next } = createTaken();
    for (const n of [1, 2, 3, 4]) outbox.offer(entry(n));
    const published = outbox.publish(entry(5));
    await Promise.resolve();
    expect(batches).toEqual([[1, 2, 3]]);
    next();
    await Promise.resolve().then(() => Promise.resolve());
    next();
    await published;
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it("keeps batches within their bytes; what is larger goes alone", async () => {
    const { batches, outbox, next } = createTaken();
    for (const [n, size] of [
      [1, 60],
      [2, 60],
      [3, 500],
      [4, 1],
    ] as const)
      outbox.offer(entry(n, size));
    const flushed = outbox.flush();
    while (batches.length < 4) {
      next();
      await Promise.resolve();
    }
    next();
    await flushed;
    expect(batches).toEqual([[1], [2], [3], [4]]);
  });

  it("has no room for what is offered once 32 MiB wait, and takes what is published all the same", async () => {
    const { outbox, batches, next } = createTaken({ messages: 100, bytes: 64 * 1024 * 1024 });
    const megabyte = 1024 * 1024;
    for (let n = 0; n < 32; n++) expect(outbox.offer(entry(n, megabyte))).toBe(true);
    expect(outbox.offer(entry(32, 1))).toBe(false);
    const published = outbox.publish(entry(33, 1));
    await Promise.resolve();
    next();
    await published;
    expect(batches[0]).toHaveLength(33);
    expect(outbox.offer(entry(34, megabyte))).toBe(true);
    void outbox.flush();
  });
});
