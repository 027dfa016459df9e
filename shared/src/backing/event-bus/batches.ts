export interface BatchLimits {
  messages: number;
  bytes: number;
}

/** @returns where a batch that begins at `start` ends: within its limits, but one message long at least where there is one */
export function endOfBatch<T>(
  messages: readonly T[],
  start: number,
  limits: BatchLimits,
  bytesOf: (message: T) => number,
): number {
  let [end, size] = [start, 0];
  for (const message of messages.slice(start, start + limits.messages)) {
    size += bytesOf(message);
    if (end > start && size > limits.bytes) break;
    end++;
  }
  return end;
}

/** All of them in order, batch by batch. */
export function* inBatches<T>(
  messages: readonly T[],
  limits: BatchLimits,
  bytesOf: (message: T) => number,
): Generator<T[]> {
  for (let start = 0; start < messages.length; ) {
    const end = endOfBatch(messages, start, limits, bytesOf);
    yield messages.slice(start, end);
    start = end;
  }
}
