import { isLoopback } from "@marquee/shared/service/loopback";
import axios from "axios";
import { z } from "zod";
import { note, ok, type Verdict, wrong } from "./finding.ts";

const TIMEOUT_MS = 5_000;

const readySchema = z.object({
  status: z.string(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), problem: z.string().optional() })),
});

export async function checkProduct(url: string): Promise<Verdict> {
  const answer = await axios
    .get<unknown>(`${url}/ready`, {
      timeout: TIMEOUT_MS,
      validateStatus: () => true,
      ...(isLoopback(url) ? { proxy: false } : {}),
    })
    .catch(() => undefined);
  if (!answer) return note(`nothing answers at ${url}: npm start starts it`);
  const ready = readySchema.safeParse(answer.data);
  if (!ready.success)
    return wrong(`${url} is answered by something else: choose another port with --port, or --url here.`);
  const problems = ready.data.checks.filter((check) => !check.ok).map(({ name, problem }) => `${name}: ${problem}`);
  if (problems.length === 0) return ok(`${url} is ${ready.data.status}`);
  return ready.data.status === "degraded"
    ? note(`${url} is degraded: ${problems.join("; ")}`)
    : wrong(`${url} is ${ready.data.status}: ${problems.join("; ")}`);
}
