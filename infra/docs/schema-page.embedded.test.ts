import { fileURLToPath } from "node:url";
import { describeSchema, type TableDescription } from "@marquee/shared/backing/postgres/describe-schema";
import { createTestDatabase, type TestDatabase } from "@marquee/shared/testing/test-database";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schemaPage } from "./schema-page.ts";

const PAGE = fileURLToPath(new URL("../../docs/schema.md", import.meta.url));

describe("docs/schema.md", () => {
  let database: TestDatabase;
  let tables: TableDescription[];
  beforeAll(async () => {
    database = await createTestDatabase();
    tables = await describeSchema(database);
  });
  afterAll(() => database.close());

  it("is made from the database (renew it: npx vitest run --project embedded infra/docs/schema-page --update)", async () => {
    await expect(schemaPage(tables)).toMatchFileSnapshot(PAGE);
  });

  it("has a layer and a purpose for every table", () => {
    const page = schemaPage(tables);
    expect(tables.filter(({ name, purpose }) => purpose === "" || !page.includes(`### ${name}\n`))).toEqual([]);
  });

  it("says of every column what it holds or where it comes from, and of each that can be null what null says", () => {
    const silent = tables.flatMap(({ name, kind, columns }) =>
      columns
        .filter(({ meaning, source, nullable }) => {
          const unknown = meaning === "" && source === "";
          return unknown || (kind === "table" && nullable && !meaning.includes("null"));
        })
        .map((column) => `${name}.${column.name}`),
    );
    expect(silent).toEqual([]);
  });
});
