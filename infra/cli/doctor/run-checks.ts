import { resolve } from "node:path";
import { type LoadOptions, loadSettings } from "@marquee/shared/service/env";
import { errorMessage } from "@marquee/shared/service/errors";
import { scrub } from "@marquee/shared/service/logger";
import { checkFolder, checkNode } from "./check-machine.ts";
import { checkProduct } from "./check-product.ts";
import { checkEventBus, checkLogStore, checkTracking } from "./check-servers.ts";
import { checkImdb, checkTmdb } from "./check-sources.ts";
import { checkDatabase, checkObjectStore, checkOnlineStore } from "./check-stores.ts";
import { type DoctorSettings, doctorSettings } from "./doctor-settings.ts";
import { type Finding, ok, type Verdict, wrong } from "./finding.ts";

interface DoctorCheck {
  name: string;
  run(): Promise<Verdict> | Verdict;
}

/**
 * Every check runs, whatever the others find; one that throws is a finding too.
 * @param url where the running product is looked for
 */
export async function runChecks(url: string, load: LoadOptions = {}): Promise<Finding[]> {
  const settings = readSettings(load);
  const checks: DoctorCheck[] = [
    { name: "Node", run: checkNode },
    {
      name: "settings",
      run: () => ("problem" in settings ? wrong(settings.problem) : ok(`environment ${settings.MARQUEE_ENV}`)),
    },
    ...("problem" in settings ? [] : dependencyChecks(settings)),
    { name: "running product", run: () => checkProduct(url) },
  ];
  return Promise.all(
    checks.map(async ({ name, run }) => {
      try {
        return { name, ...(await run()) };
      } catch (error) {
        return { name, ...wrong(scrub(errorMessage(error))) };
      }
    }),
  );
}

function readSettings(load: LoadOptions): DoctorSettings | { problem: string } {
  try {
    return loadSettings(doctorSettings, load);
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

function dependencyChecks(settings: DoctorSettings): DoctorCheck[] {
  return [
    { name: "folder", run: () => checkFolder(resolve(settings.MARQUEE_HOME)) },
    { name: "database", run: () => checkDatabase(settings) },
    { name: "object store", run: () => checkObjectStore(settings) },
    { name: "online store", run: () => checkOnlineStore(settings) },
    { name: "event bus", run: () => checkEventBus(settings) },
    { name: "log store", run: () => checkLogStore(settings) },
    { name: "tracking", run: () => checkTracking(settings) },
    { name: "TMDB", run: () => checkTmdb(settings) },
    { name: "IMDb", run: () => checkImdb(settings) },
  ];
}
