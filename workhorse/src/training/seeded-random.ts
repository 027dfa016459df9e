/** A stream of pseudo-random numbers that its seed decides. */
export interface SeededRandom {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
}

const UINT32 = 2 ** 32;

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32. Whole-number arithmetic only, so every platform
 * gives the same stream.
 * @param keys what the stream is for, e.g. the run's seed and the member's number; other keys, another stream
 */
export function createSeededRandom(...keys: readonly number[]): SeededRandom {
  let seed = 0;
  for (const key of keys) seed = splitmix32((seed ^ key) >>> 0);
  // In an array, since V8 would box numbers this large that a closure holds: a third of the time of a draw.
  const state = Int32Array.from([1, 2, 3], (i) => splitmix32((seed + i * 0x9e3779b9) >>> 0));
  let counter = 1;
  const draw = (): number => {
    const a = state[0] ?? 0;
    const b = state[1] ?? 0;
    const c = state[2] ?? 0;
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The first values still resemble the seed.
  for (let i = 0; i < 12; i++) draw();
  return {
    next: () => draw() / UINT32,
    below: (below) => Math.floor((draw() / UINT32) * below),
  };
}

function splitmix32(state: number): number {
  let mixed = (state + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Fisher-Yates, in place. */
export function shuffle(order: Uint32Array, random: SeededRandom): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const moved = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = moved;
  }
}
