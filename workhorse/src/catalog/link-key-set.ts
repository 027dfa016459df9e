/** Bits of the set: with 800,000 keys one other key in 80 is taken for one of them. 8 MB. */
const BITS = 2 ** 26;

/**
 * A set that may say yes for a key that it does not have, never no for one that it has: whoever asks looks again. It is as
 * small with a million titles as with none.
 */
export interface KeySet {
  add(key: string): void;
  mayHave(key: string): boolean;
}

export function createKeySet(): KeySet {
  const bits = new Uint8Array(BITS / 8);
  return {
    add: (key) => {
      const bit = hash(key) % BITS;
      bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
    },
    mayHave: (key) => {
      const bit = hash(key) % BITS;
      return ((bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
    },
  };
}

/** FNV-1a over UTF-16 code units: http://www.isthe.com/chongo/tech/comp/fnv/. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
