import { schedulingOf } from "@marquee/controltower/scheduler/env";
import { createScheduling } from "@marquee/controltower/scheduler/scheduler";
import type { ExampleFilm } from "@marquee/controltower/serving/api-examples";
import { createRegistry } from "@marquee/shared/registry/registry";
import { createBackground } from "./background.ts";
import { runChain } from "./chain.ts";
import { closedLoop } from "./closed-loop.ts";
import { findExampleFilm } from "./example-film.ts";
import { createLaterQueue } from "./later-queue.ts";
import type { LocalApp } from "./local-app.ts";
import { openBacking } from "./open-backing.ts";
import { openFront } from "./open-front.ts";
import { readyScreen } from "./screen.ts";
import { createSources } from "./sources.ts";

/**
 * Builds the whole product in this process and runs the chain. Predictions are answered from the moment that the screen
 * says so; returns once the rest of the loop goes on, too.
 */
export async function startLocal(app: LocalApp): Promise<void> {
  const { options, profile, clock, log, lifecycle, reporter, metrics } = app;
  const started = performance.now();
  let example: ExampleFilm | undefined;
  let serving = false;
  const backing = await openBacking(app, () => serving);
  const { database } = backing;
  const sources = createSources({ options, profile, clock, log });
  const laterQueue = createLaterQueue();
  const scheduling = createScheduling({
    ...{ database, queue: laterQueue.queue, clock, log, lifecycle, metrics: metrics.scheduler },
    ...schedulingOf(options),
  });
  const background = createBackground(closedLoop(app, { backing, sources, scheduling, laterQueue }), app);
  const front = await openFront(app, {
    ...{ backing, scheduling, checks: background.checks },
    dataNotice: profile.sandbox ? `The data is ${sources.description}.` : undefined,
    exampleFilm: () => example,
  });

  reporter.line(`Marquee, profile ${profile.name} in ${profile.folder}`);
  await runChain({ ...backing, options, sources, clock, log, signal: lifecycle.signal, reporter });
  example = await findExampleFilm(database);
  await front.open();
  serving = true;
  const seconds = (performance.now() - started) / 1000;
  const { address, access } = front;
  const facts = { address, access, profile, sourceDescription: sources.description, seconds, example };
  reporter.line(await readyScreen(createRegistry(database, clock), facts));
  await background.start();
}
