import { expect, it } from "vitest";
import { CLUSTER_SLOTS, keySlot, spreadTags } from "./cluster-slots.ts";

// As `redis-cli CLUSTER KEYSLOT` answers.
it.each([
  ["123456789", 12_739],
  ["foo", 12_182],
  ["marquee:live:online:film_metadata%402:{film:603}", 2_330],
  ["film:603", 2_330],
  ["{}foo", 9_500],
  ["foo{bar}{zap}", 5_061],
  ["foo{{bar}}zap", 4_015],
  ["{Zoë}", 11_596],
])("knows the slot of %s: %d", (key, slot) => {
  expect(keySlot(key)).toBe(slot);
});

it("finds a tag in each of the equal ranges of slots, and always the same", () => {
  const tags = spreadTags(64);
  expect(tags.map((tag) => Math.floor(keySlot(`{${tag}}`) / (CLUSTER_SLOTS / 64)))).toEqual(tags.map((_, i) => i));
  expect(tags).toHaveLength(64);
  expect(tags.slice(0, 3)).toEqual(["w59", "w51", "w42"]);
});
