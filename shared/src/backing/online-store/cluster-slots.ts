export const CLUSTER_SLOTS = 16_384;

/** The slot of a key in a Redis Cluster: CRC16 (XMODEM) of what stands in its first braces, else of all of it. */
export function keySlot(key: string): number {
  const open = key.indexOf("{");
  const close = open < 0 ? -1 : key.indexOf("}", open + 1);
  return crc16(Buffer.from(close > open + 1 ? key.slice(open + 1, close) : key)) % CLUSTER_SLOTS;
}

/**
 * Short texts, one for each of `count` equal ranges of slots, in their order. They are parts of keys, so the same ones
 * come out in every release.
 */
export function spreadTags(count: number): string[] {
  const tags: string[] = [];
  for (let n = 0, found = 0; found < count; n++) {
    const range = Math.floor((keySlot(`w${n}`) * count) / CLUSTER_SLOTS);
    if (tags[range] !== undefined) continue;
    tags[range] = `w${n}`;
    found++;
  }
  return tags;
}

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] ?? 0);
  return crc;
}
