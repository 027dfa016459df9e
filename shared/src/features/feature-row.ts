import { MarqueeError } from "../service/errors.ts";
import { type ViewSchema, viewKey } from "./feature-view.ts";

/** One entity's values of one view, as they stood at a moment. */
export interface FeatureRow {
  /** Milliseconds since 1970: the row's event time. */
  eventTime: number;
  /** One number per column of the view; NaN where unknown. */
  values: Float64Array;
}

const EVENT_TIME_BYTES = 8;

/** The form in which a row lies in the online store. Little-endian float64 each: event time, then the values. */
export function encodeFeatureRow({ eventTime, values }: FeatureRow): Uint8Array {
  const bytes = new Uint8Array(EVENT_TIME_BYTES + values.length * 8);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, eventTime, true);
  values.forEach((value, i) => {
    view.setFloat64(EVENT_TIME_BYTES + i * 8, value, true);
  });
  return bytes;
}

/** @throws FEATURE_ROW_INVALID where the bytes are no row of the view */
export function decodeFeatureRow(
  schema: Pick<ViewSchema, "name" | "version" | "columns">,
  bytes: Uint8Array,
): FeatureRow {
  const expected = EVENT_TIME_BYTES + schema.columns.length * 8;
  if (bytes.byteLength !== expected) {
    throw new MarqueeError(
      "FEATURE_ROW_INVALID",
      `A stored row of ${viewKey(schema)} has ${bytes.byteLength} bytes where its ${schema.columns.length} columns take ${expected}. Materialise the view anew: marquee features materialize.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(schema.columns.length);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat64(EVENT_TIME_BYTES + i * 8, true);
  return { eventTime: view.getFloat64(0, true), values };
}

/** Under which a view's row of an entity lies in the online store: view `film_metadata@2`, entity `film:603`. */
export function onlineRowKey(
  schema: Pick<ViewSchema, "name" | "version" | "entity">,
  id: number,
): { view: string; entity: string } {
  return { view: viewKey(schema), entity: `${schema.entity.name}:${id}` };
}
