import { problemSchema } from "@marquee/shared/contracts/problem";
import { ERRORS, type ErrorCode, MarqueeError, systemCode } from "@marquee/shared/service/errors";
import { isLoopback } from "@marquee/shared/service/loopback";
import axios, { isAxiosError } from "axios";
import type { z } from "zod";

const TIMEOUT_MS = 30_000;

/** Calls the running product and reads its answer by the contract. @throws what the product's problem document says */
export async function callApi<Schema extends z.ZodType>(
  url: string,
  request: { method: "get" | "post"; path: string; body?: unknown },
  schema: Schema,
): Promise<z.infer<Schema>> {
  const answer = await axios
    .request<unknown>({
      baseURL: url,
      url: request.path,
      method: request.method,
      data: request.body,
      timeout: TIMEOUT_MS,
      ...(isLoopback(url) ? { proxy: false } : {}),
      validateStatus: () => true,
    })
    .catch((error: unknown) => {
      if (!isAxiosError(error)) throw error;
      throw new MarqueeError(
        "NOT_READY",
        `Marquee does not answer at ${url} (${systemCode(error)}). Start it with npm start, or name another with --url.`,
      );
    });
  if (answer.status >= 400) throw problemError(answer.data, answer.status, url);
  return schema.parse(answer.data);
}

function problemError(body: unknown, status: number, url: string): MarqueeError {
  const problem = problemSchema.safeParse(body);
  if (!problem.success)
    return new MarqueeError("INTERNAL", `${url} answered ${status} with something that is not Marquee's.`);
  const { code, detail, errors } = problem.data;
  const fields = (errors ?? []).map(({ path, message }) => `\n  ${path}: ${message}`).join("");
  return new MarqueeError(code in ERRORS ? (code as ErrorCode) : "INTERNAL", `${detail}${fields}`);
}
