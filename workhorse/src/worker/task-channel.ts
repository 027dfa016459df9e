import { taskMessageSchema, taskResultSchema } from "@marquee/shared/contracts/tasks";
import {
  ERRORS,
  type ErrorCode,
  errorMessage,
  explain,
  isMarqueeError,
  MarqueeError,
} from "@marquee/shared/service/errors";
import { z } from "zod";

/** What the worker tells the child process that carries out a task. */
export const toChildSchema = z.strictObject({ type: z.literal("start"), message: taskMessageSchema });
export type ToChild = z.infer<typeof toChildSchema>;

/** Why a task failed, in a form that crosses processes. */
export const taskFailureSchema = z.strictObject({
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  retryAfterSeconds: z.number().optional(),
});
export type TaskFailure = z.infer<typeof taskFailureSchema>;

/** What the child tells. After a result or a failure it tells nothing more, and ends. */
export const fromChildSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("progress"),
    done: z.number(),
    total: z.number().optional(),
    unit: z.string(),
    note: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("result"), result: taskResultSchema }),
  z.strictObject({ type: z.literal("failure"), failure: taskFailureSchema }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;

/** What is not of the errors' table is a fault of ours, which trying again does not mend. */
export function asMarqueeError(thrown: unknown): MarqueeError {
  const error = explain(thrown);
  return isMarqueeError(error) ? error : new MarqueeError("INTERNAL", errorMessage(error), { cause: error });
}

export function failureOf(thrown: unknown): TaskFailure {
  const { code, message, retryAfterSeconds } = asMarqueeError(thrown);
  return { code, message, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

export function errorOf({ code, message, retryAfterSeconds }: TaskFailure): MarqueeError {
  return new MarqueeError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}
