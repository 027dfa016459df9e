import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { TopicName } from "../../contracts/topics.ts";
import type { Logger } from "../../service/logger.ts";
import type { BusMessage } from "./event-bus.ts";
import type { SpoolFolder } from "./spool-folder.ts";

/** A segment is read whole, and deleted when all of it is in the bus; 4 MiB are some 10,000 log lines. */
const SEGMENT_BYTES = 4 * 1024 * 1024;

/** One line of a segment; whether the bus knows the topic is the bus's business. */
const spooledSchema = z.object({ topic: z.string(), id: z.string(), key: z.string(), value: z.string() });

export interface SpooledMessage {
  topic: TopicName;
  message: BusMessage;
}

/** A message on its way to the disk. */
export interface SpoolEntry extends SpooledMessage {
  /** Somebody waits until the disk itself has it, so that a power cut does not take it either. */
  durable: boolean;
}

/** A file of the spool: JSON lines, one message each, in order. */
export interface Segment {
  path: string;
  bytes: number;
  owner: SpoolFolder;
}

export interface SegmentWriter {
  /** The segment that is written to, made where there is none. */
  segment(onMade: (segment: Segment) => void): Promise<Segment>;
  write(text: string, durable: boolean): Promise<void>;
  /** Nothing more is written to the segment. */
  seal(): Promise<void>;
}

export function createSegmentWriter(owner: SpoolFolder): SegmentWriter {
  let number = 0;
  let current: { file: FileHandle; segment: Segment; listed: boolean } | undefined;

  async function seal(): Promise<void> {
    const sealed = current;
    current = undefined;
    await sealed?.file.close();
  }

  return {
    seal,
    segment: async (onMade) => {
      if (current !== undefined && current.segment.bytes >= SEGMENT_BYTES) await seal();
      if (current === undefined) {
        const path = join(owner.path, `${String(++number).padStart(9, "0")}.jsonl`);
        current = { file: await open(path, "ax"), segment: { path, bytes: 0, owner }, listed: false };
        onMade(current.segment);
      }
      return current.segment;
    },
    write: async (text, durable) => {
      if (current === undefined) return;
      try {
        await current.file.appendFile(text);
        if (!durable) return;
        await current.file.sync();
        if (!current.listed) await syncFolder(owner.path);
        current.listed = true;
      } catch (error) {
        // It may end in half a line, to which nothing may be added.
        await seal();
        throw error;
      }
    },
  };
}

/** A file that the disk has is lost all the same while its folder does not name it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync().finally(() => folder.close());
}

export interface EncodedEntries<Entry> {
  /** Lines of those that have room. */
  text: string;
  size: number;
  durable: boolean;
  /** Those that have none. */
  refused: Entry[];
}

/** @param room bytes that are left for an entry of either kind */
export function encode<Entry extends SpoolEntry>(
  entries: readonly Entry[],
  room: { durable: number; other: number },
): EncodedEntries<Entry> {
  const encoded: EncodedEntries<Entry> = { text: "", size: 0, durable: false, refused: [] };
  for (const entry of entries) {
    const { topic, message, durable } = entry;
    const line = `${JSON.stringify({ topic, id: message.id, key: message.key, value: message.value })}\n`;
    const length = Buffer.byteLength(line);
    if (encoded.size + length > (durable ? room.durable : room.other)) {
      encoded.refused.push(entry);
      continue;
    }
    encoded.text += line;
    encoded.size += length;
    encoded.durable ||= durable;
  }
  return encoded;
}

/** A last line without its end is what a crash left of one that was never acknowledged to anybody. */
export function decode(text: string, { path }: Segment, log: Logger): SpooledMessage[] {
  const messages: SpooledMessage[] = [];
  let unreadable = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    try {
      const { topic, ...message } = spooledSchema.parse(JSON.parse(line));
      messages.push({ topic: topic as TopicName, message });
    } catch {
      unreadable++;
    }
  }
  if (unreadable > 0) log.error({ path, lines: unreadable }, "lines of the spool cannot be read and are lost");
  return messages;
}
