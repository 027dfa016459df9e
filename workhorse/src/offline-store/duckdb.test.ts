import { expect, it } from "vitest";
import { explainDuckDbError, isOutOfMemory, parquetTable } from "./duckdb.ts";

it.each([
  'IO Error: Could not write file "/data/x.parquet": No space left on device',
  "Out of Memory Error: failed to offload data block of size 256.0 KiB (5.2 MiB/5.3 MiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
])("tells of a full disk: %s", (message) => {
  expect(explainDuckDbError(new Error(message))).toMatchObject({ code: "DISK_FULL" });
});

it("leaves any other error as it came", () => {
  const error = new Error("Out of Memory Error: could not allocate block of size 256.0 KiB");
  expect(explainDuckDbError(error)).toBe(error);
  expect(isOutOfMemory(error)).toBe(true);
});

it("names files as themselves, not as patterns", () => {
  expect(parquetTable(["/a*[1]/it's?.parquet"])).toBe(
    "read_parquet(['/a[*][[]1]/it''s[?].parquet'], hive_partitioning = false)",
  );
});
