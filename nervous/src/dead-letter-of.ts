import { type BusMessage, MAX_MESSAGE_BYTES, type ReceivedMessage } from "@marquee/shared/backing/event-bus/event-bus";
import type { DeadLetter } from "@marquee/shared/contracts/dead-letter";
import type { LiveTopic } from "@marquee/shared/contracts/topics";
import { type Clock, instantOf } from "@marquee/shared/service/clock";

/** A reason quotes what was wrong, which may be long. */
const MAX_REASON_CHARACTERS = 2_000;
/** Ours are far shorter; whoever else writes to a topic may give a message an id or a key as large as a message. */
const MAX_NAME_CHARACTERS = 1_000;

/**
 * The dead letter of a message, under its id and key. It is no larger than a topic takes, or it would block the messages
 * behind it for ever: a value that is too large with what is said of it is cut, and so are an id or a key beyond reason.
 */
export function deadLetterOf(message: ReceivedMessage, topic: LiveTopic, reason: string, clock: Clock): BusMessage {
  const [id, key] = [message.id, message.key].map((name) => name.slice(0, MAX_NAME_CHARACTERS)) as [string, string];
  const said = { reason: reason.slice(0, MAX_REASON_CHARACTERS), failedAt: instantOf(clock), topic, id, key };
  let letter: DeadLetter = { ...said, value: message.value };
  while (!fits(letter)) letter = { ...said, value: letter.value.slice(0, letter.value.length / 2), cut: true };
  return { id, key, value: JSON.stringify(letter) };
}

function fits(letter: DeadLetter): boolean {
  return Buffer.byteLength(letter.key) + Buffer.byteLength(JSON.stringify(letter)) <= MAX_MESSAGE_BYTES;
}
