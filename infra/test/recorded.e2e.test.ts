import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "@marquee/shared/testing/marquee-process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordedData } from "../testing/inputs.ts";

const data = recordedData();
describe.skipIf(data === undefined)("the chain on real data", () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "marquee-recorded-"));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("joins 4,686 films with IMDb's ratings and trains a model that is better than the baselines on films from 2012 on", async () => {
    const marquee = startProcess(["infra/local/main.ts", "--home", home, "--port", "0", "--data", data ?? ""]);
    await marquee.printed(/Marquee answers at/);
    expect(marquee.output).toMatch(/catalog +4,803 films, 4,686 rated by IMDb, 0 quarantined/);
    expect(marquee.output).toMatch(/tested on the 954 films released from 2012-01-01 on/);
    const rmse = (name: string) => Number(new RegExp(`${name} +(\\d\\.\\d{3})`).exec(marquee.output)?.[1]);
    // Below 0.82 without more data than this, something would have leaked.
    expect(rmse("Marquee")).toBeGreaterThan(0.82);
    expect(rmse("Marquee")).toBeLessThan(0.95);
    expect(rmse("baseline: mean")).toBeCloseTo(1.144, 2);
    expect(rmse("baseline: director")).toBeCloseTo(1.027, 2);
    marquee.signal("SIGINT");
    expect(await marquee.ended()).toBe(0);
  });
});
