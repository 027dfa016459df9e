import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../service/clock.ts";
import { systemCode } from "../../service/errors.ts";
import type { Logger } from "../../service/logger.ts";
import { type BatchLimits, endOfBatch } from "./batches.ts";
import { adoptSpoolFolders, makeSpoolFolder, type SpoolFolder } from "./spool-folder.ts";
import {
  createSegmentWriter,
  decode,
  encode,
  type Segment,
  type SpoolEntry,
  type SpooledMessage,
} from "./spool-segment.ts";

/** What is offered may fill so much of the spool; the rest is for what somebody waits for: logs do not crowd out events. */
const SHARE_OF_OFFERS = 0.9;

/** Messages in order on this machine's disk, in files of this process's own. */
export interface DiskSpool {
  /** On the disk, until their segment's last message is acknowledged. */
  readonly bytes: number;
  /** Nothing waits, and nothing is being written. */
  readonly empty: boolean;
  /**
   * Writes messages behind those that are there.
   * @returns those that had no room
   * @throws what the operating system throws; some may be on the disk then
   */
  append<Entry extends SpoolEntry>(entries: readonly Entry[]): Promise<Entry[]>;
  /** The oldest messages, the same ones until they are acknowledged: one at least where there is one. */
  peek(limits: BatchLimits): Promise<SpooledMessage[]>;
  /** Forgets what `peek` gave last. */
  acknowledge(): Promise<void>;
  /** Keeps what is left for the next process of the service. */
  close(): Promise<void>;
}

export interface DiskSpoolOptions {
  /** Of one service; each process makes a folder of its own in it, and adopts those of processes that have ended. */
  folder: string;
  maxBytes: number;
  clock: Clock;
  log: Logger;
}

/** @throws FOLDER_UNUSABLE, DISK_FULL */
export async function openDiskSpool({ folder, maxBytes, clock, log }: DiskSpoolOptions): Promise<DiskSpool> {
  const own = await makeSpoolFolder(folder, clock);
  const segments = await segmentsOf(await adoptSpoolFolders(folder));
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  if (bytes > 0) log.info({ bytes }, "messages of a process that ended before wait in the spool; they are sent first");
  const writer = createSegmentWriter(own);
  let writes = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let head: { segment: Segment; lines: SpooledMessage[]; next: number; peeked: number } | undefined;

  /** One after the other, so that the order on the disk is the order of the calls. */
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    writes++;
    const result = writing.then(work).finally(() => {
      writes--;
    });
    writing = result.catch(() => undefined);
    return result;
  }

  async function forget(segment: Segment): Promise<void> {
    segments.splice(segments.indexOf(segment), 1);
    bytes -= segment.bytes;
    await rm(segment.path, { force: true });
    if (segment.owner !== own && !segments.some(({ owner }) => owner === segment.owner)) await segment.owner.remove();
  }

  return {
    get bytes() {
      return bytes;
    },
    get empty() {
      return segments.length === 0 && writes === 0;
    },
    append: (entries) =>
      inLine(async () => {
        const room = { durable: maxBytes - bytes, other: maxBytes * SHARE_OF_OFFERS - bytes };
        const { text, size, durable, refused } = encode(entries, room);
        if (size > 0) {
          const segment = await writer.segment((made) => segments.push(made));
          // Counted before it is written, and not taken back where writing fails: part of it may be there.
          segment.bytes += size;
          bytes += size;
          await writer.write(text, durable);
        }
        return refused;
      }),
    peek: async (limits) => {
      while (head === undefined) {
        // What is being written ends first; a segment that is read is not written to any more.
        const segment = await inLine(async () => {
          if (segments.length === 1) await writer.seal();
          return segments[0];
        });
        if (segment === undefined) return [];
        const lines = decode(await readSegment(segment, log), segment, log);
        if (lines.length === 0) await forget(segment);
        else head = { segment, lines, next: 0, peeked: 0 };
      }
      const { lines, next } = head;
      head.peeked = endOfBatch(lines, next, limits, ({ message }) => Buffer.byteLength(message.value));
      return lines.slice(next, head.peeked);
    },
    acknowledge: async () => {
      if (head === undefined) return;
      head.next = head.peeked;
      if (head.next < head.lines.length) return;
      const { segment } = head;
      head = undefined;
      await forget(segment);
    },
    close: async () => {
      await inLine(() => writer.seal());
      for (const owner of new Set(segments.map((segment) => segment.owner))) owner.release();
      if (!segments.some(({ owner }) => owner === own)) await own.remove();
    },
  };
}

/** One that somebody removed holds nothing any more; it must not stand before all that comes after it for ever. */
async function readSegment({ path, bytes }: Segment, log: Logger): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    log.error({ path, bytes }, "a file of the spool was removed, and its messages are lost");
    return "";
  }
}

async function segmentsOf(folders: readonly SpoolFolder[]): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const owner of folders) {
    for (const name of owner.segments) {
      const path = join(owner.path, name);
      segments.push({ path, owner, bytes: (await stat(path)).size });
    }
  }
  return segments;
}
