import { describe, expect, it } from "vitest";
import { refusalOf } from "./elasticsearch-errors.ts";

const error = (type: string) => ({ type, reason: "Why.", caused_by: { reason: "Because." } });

describe("a line's outcome in a bulk answer", () => {
  it.each([
    ["stored", { status: 201 }],
    ["there already", { status: 409, error: error("version_conflict_engine_exception") }],
  ])("is no refusal where it is %s", (_what, item) => {
    expect(refusalOf(item, "host")).toBeUndefined();
  });

  it.each(["document_parsing_exception", "mapper_parsing_exception", "illegal_argument_exception"])(
    "is a refusal of the line with both reasons where it is %s",
    (type) => {
      expect(refusalOf({ status: 400, error: error(type) }, "host")).toBe("Why. Because.");
    },
  );

  it.each([
    ["overloaded", 429, "es_rejected_execution_exception"],
    ["without a shard", 503, "unavailable_shards_exception"],
    ["read-only for want of disk", 403, "cluster_block_exception"],
    ["without room for another index", 400, "validation_exception"],
    ["without the index", 404, "index_not_found_exception"],
  ])("is no fault of the line where the store is %s", (_what, status, type) => {
    expect(() => refusalOf({ status, error: error(type) }, "host")).toThrow(
      expect.objectContaining({ code: "LOG_STORE_UNAVAILABLE", retriable: true }),
    );
  });
});
