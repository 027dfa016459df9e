import { fileURLToPath } from "node:url";
import { FEATURE_GROUPS } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS, FEATURE_SERVICES } from "@marquee/shared/features/film-views";
import { describe, expect, it } from "vitest";
import { featuresPage } from "./features-page.ts";

const PAGE = fileURLToPath(new URL("../../docs/features.md", import.meta.url));
const columns = ALL_VIEWS.flatMap((view) => view.columns);

describe("docs/features.md", () => {
  it("is made from the definitions (renew it: npx vitest run --project unit infra/docs/features-page --update)", async () => {
    await expect(featuresPage({ views: ALL_VIEWS, services: FEATURE_SERVICES })).toMatchFileSnapshot(PAGE);
  });

  it("says of every view and column what it holds, and of every view where it is from and who answers for it", () => {
    const silent = [
      ...ALL_VIEWS.filter(
        ({ description, eventTime, owner, source }) => !description || !eventTime || !owner || source.length === 0,
      ),
      ...columns.filter(({ description, unit }) => !description || !unit),
    ];
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("shows of every column the group that its definition has, whenever it is known", () => {
    const page = featuresPage({ views: ALL_VIEWS, services: FEATURE_SERVICES });
    for (const { name, group } of columns) expect(page).toMatch(new RegExp(`^\\| \`${name}\` .*\\| ${group} \\|`, "m"));
  });

  it("names no column twice, and has columns for every group", () => {
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
    expect(Object.keys(FEATURE_GROUPS).filter((group) => columns.every((column) => column.group !== group))).toEqual(
      [],
    );
  });
});
