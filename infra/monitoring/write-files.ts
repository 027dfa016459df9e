import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type MonitoringOptions, monitoringFiles } from "./monitoring-files.ts";

/**
 * Writes all files below a folder, under their paths in the repository (`infra/prometheus/prometheus.yml` …).
 * @returns where they were written
 */
export async function writeMonitoringFiles(folder: string, options: MonitoringOptions): Promise<string[]> {
  const written: string[] = [];
  for (const [path, text] of Object.entries(monitoringFiles(options))) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text);
    written.push(place);
  }
  return written;
}
