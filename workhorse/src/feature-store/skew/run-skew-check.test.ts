import { createMemoryOnlineStore } from "@marquee/shared/backing/online-store/memory-online-store";
import { epochDay } from "@marquee/shared/contracts/time";
import { viewKey } from "@marquee/shared/features/feature-view";
import { ALL_VIEWS } from "@marquee/shared/features/film-views";
import { fixedClock } from "@marquee/shared/service/clock";
import { createLogger } from "@marquee/shared/service/logger";
import { expect, it } from "vitest";
import type { TaskContext } from "../../tasks/task-context.ts";
import { syntheticFilms } from "../leaks/testing/synthetic-films.ts";
import { notCompared, runSkewCheck } from "./run-skew-check.ts";
import { bringOnline, filmsDataset } from "./testing/films-dataset.ts";

const clock = fixedClock("2008-01-01T13:00:00Z");
const context = {
  ...{ clock, signal: new AbortController().signal, log: createLogger("test", "silent") },
  onProgress: () => undefined,
} as Partial<TaskContext> as TaskContext;
const dataset = filmsDataset({
  ...{ hash: "built", films: syntheticFilms({ films: 60 }), today: epochDay("2008-01-01" as never) },
});
const offline = { open: async () => dataset };

it("fails where nothing could be compared, and says why and what to do", async () => {
  const online = createMemoryOnlineStore(clock);
  await expect(runSkewCheck(context, { online, offline, films: 10 })).rejects.toMatchObject({
    code: "CHECKS_FAILED",
    message: expect.stringMatching(
      /^Nothing could be compared: [^(]*, film_metadata@\d+[^(]*\(it was never materialised\)\. Bring .* materialize-incremental, and check again\.$/,
    ),
  });
});

it("succeeds where a part was compared, with the rest in its detail", async () => {
  const online = createMemoryOnlineStore(clock);
  const [view, ...others] = ALL_VIEWS;
  await bringOnline(online, dataset, others);
  const { rowsIn, detail } = await runSkewCheck(context, { online, offline, films: 10, seed: 1 });
  expect({ rowsIn, detail }).toMatchObject({
    rowsIn: 10,
    detail: { findings: [], unchecked: [{ view: view && viewKey(view), reason: "it was never materialised" }] },
  });
});

it("has nothing to say where everything was compared", () => {
  const report = { films: 10, columns: 1, onDemand: 10, dataset: "built", unchecked: [], findings: [] };
  expect(notCompared(report)).toBeUndefined();
});
