import { MAX_MESSAGE_BYTES, type ReceivedMessage } from "@marquee/shared/backing/event-bus/event-bus";
import { deadLetterSchema } from "@marquee/shared/contracts/dead-letter";
import { fixedClock } from "@marquee/shared/service/clock";
import { describe, expect, it } from "vitest";
import { deadLetterOf } from "./dead-letter-of.ts";

const CLOCK = fixedClock("2026-03-01T12:00:00.000Z");
const message = (value: string): ReceivedMessage => ({
  id: "an id of any form",
  key: "serving-host-1",
  value,
  topic: "logs",
  partition: 2,
  offset: "7",
  publishedAt: CLOCK.now(),
});
const read = (letter: { value: string }) => deadLetterSchema.parse(JSON.parse(letter.value));

describe("a dead letter", () => {
  it("holds the message as it came, why it died and when, under its own id and key", () => {
    const letter = deadLetterOf(message('{"half'), "logs", "It is not JSON.", CLOCK);
    expect(letter).toMatchObject({ id: "an id of any form", key: "serving-host-1" });
    expect(read(letter)).toEqual({
      reason: "It is not JSON.",
      failedAt: "2026-03-01T12:00:00.000Z",
      topic: "logs",
      id: "an id of any form",
      key: "serving-host-1",
      value: '{"half',
    });
  });

  it.each([
    ["quotes, which take two bytes each inside it", '"'],
    ["control characters, which take six", "\u0001"],
    ["letters of three bytes", "한"],
  ])("is never too large for its topic: a message full of %s is cut", (_what, character) => {
    const value = character.repeat(MAX_MESSAGE_BYTES / Buffer.byteLength(character));
    const letter = deadLetterOf(message(value), "logs", "Why.", CLOCK);
    expect(Buffer.byteLength(letter.value) + Buffer.byteLength(letter.key)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(read(letter)).toMatchObject({ cut: true, reason: "Why." });
    expect(value.startsWith(read(letter).value)).toBe(true);
    expect(Buffer.byteLength(letter.value)).toBeGreaterThan(MAX_MESSAGE_BYTES / 4);
  });

  it.each(["id", "key"])("is never too large for its topic where the message's %s is", (name) => {
    const long = { ...message('{"half'), [name]: "\u0001".repeat(2 * MAX_MESSAGE_BYTES) };
    const letter = deadLetterOf(long, "logs", "Why.", CLOCK);
    expect(Buffer.byteLength(letter.id + letter.key + letter.value)).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(read(letter)).toMatchObject({ value: '{"half', reason: "Why." });
  });

  it("quotes only the beginning of a long reason", () => {
    expect(read(deadLetterOf(message("x"), "logs", "y".repeat(1_000_000), CLOCK)).reason).toHaveLength(2_000);
  });
});
