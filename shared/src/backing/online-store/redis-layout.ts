import { z } from "zod";
import type { OnlineKey, OnlineRead, OnlineWrite, Watermark } from "./online-store.ts";

/** materializedAt (milliseconds since 1970) and ttlSeconds, big-endian float64 each; the value follows. */
const HEADER_BYTES = 16;
/** A watermark's moment (milliseconds since 1970), big-endian float64; the rest of it follows as JSON. */
const MOMENT_BYTES = 8;

/** Names of the keys of one namespace. */
export interface RedisKeys {
  value(key: OnlineKey): string;
  /** What the keys of a view's values begin with. */
  ofView(view: string): string;
  /** What the keys of all of these views' values begin with, and perhaps others. */
  ofViews(views: readonly string[]): string;
  /** A copy of a view's watermark. @param tag chooses the node of a cluster that it lies on */
  watermark(view: string, tag: string): string;
  /** The set of the views that have a watermark under the tag. */
  views(tag: string): string;
}

/**
 * `namespace:online:view:{entity}`. What stands in the braces chooses the node of a Redis Cluster: all views of an entity
 * lie together, and the entities of a view are spread. The view is encoded, so that its end is always the colon before
 * the brace, and no view's name is taken for a watermark, which has a brace in its place.
 */
export function redisKeys(namespace: string): RedisKeys {
  const ofView = remembered((view) => `${namespace}:online:${encodeURIComponent(view)}:{`);
  const watermarksUnder = remembered((tag) =>
    remembered((view) => `${namespace}:online:{${tag}}:watermark:${encodeURIComponent(view)}`),
  );
  return {
    value: ({ view, entity }) => `${ofView(view)}${entity}}`,
    ofView,
    ofViews: ([view, ...others]) => (view === undefined || others.length > 0 ? `${namespace}:online:` : ofView(view)),
    watermark: (view, tag) => watermarksUnder(tag)(view),
    views: (tag) => `${namespace}:online:{${tag}}:views`,
  };
}

/** Views and tags are few, and their keys are asked for with every value. */
function remembered<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make(name);
    made.set(name, value);
    return value;
  };
}

export function encodeRecord({ value, materializedAt, ttlSeconds }: OnlineWrite): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + value.length);
  record.writeDoubleBE(materializedAt.getTime(), 0);
  record.writeDoubleBE(ttlSeconds, 8);
  record.set(value, HEADER_BYTES);
  return record;
}

/**
 * Bytes that are no record are missing.
 * @param watermark of the value's view, as it lies there
 * @param now milliseconds since 1970
 */
export function decodeRecord(record: Buffer | null, watermark: Buffer | null, now: number): OnlineRead {
  if (record === null || record.length < HEADER_BYTES) return { status: "missing" };
  const [materializedAt, ttlSeconds] = [record.readDoubleBE(0), record.readDoubleBE(8)];
  if (!Number.isFinite(materializedAt) || Number.isNaN(ttlSeconds)) return { status: "missing" };
  const at = Math.max(materializedAt, momentOf(watermark) ?? materializedAt);
  // A writer's clock may be ahead of ours.
  const ageSeconds = Math.max(0, (now - at) / 1000);
  const status = ageSeconds < ttlSeconds ? "present" : "stale";
  return { status, value: record.subarray(HEADER_BYTES), ageSeconds };
}

export function encodeWatermark({ at, ...rest }: Watermark): Buffer {
  const moment = Buffer.allocUnsafe(MOMENT_BYTES);
  moment.writeDoubleBE(at.getTime(), 0);
  return Buffer.concat([moment, Buffer.from(JSON.stringify(rest))]);
}

const watermarkSchema = z.object({ source: z.string(), underway: z.array(z.string()).exactOptional() });

/** @returns undefined where there is none, and where the bytes are none */
export function decodeWatermark(record: Buffer | null): Watermark | undefined {
  const at = new Date(momentOf(record) ?? Number.NaN);
  if (record === null || Number.isNaN(at.getTime())) return undefined;
  try {
    return { at, ...watermarkSchema.parse(JSON.parse(record.toString("utf8", MOMENT_BYTES))) };
  } catch {
    return undefined;
  }
}

/** Milliseconds since 1970; undefined where the bytes have no moment. */
function momentOf(watermark: Buffer | null): number | undefined {
  if (watermark === null || watermark.length < MOMENT_BYTES) return undefined;
  const moment = watermark.readDoubleBE(0);
  return Number.isFinite(moment) ? moment : undefined;
}
