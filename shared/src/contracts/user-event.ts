import { z } from "zod";
import { tmdbIdSchema } from "./ids.ts";
import { instantSchema } from "./time.ts";

export const USER_EVENT_TYPES = ["rating", "click", "watch_start", "watch_end", "recommendation_click"] as const;

/** A pseudonym, never a name or an address: what it stands for is known to the sender alone. */
export const userIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: "must be 1 to 64 letters, digits, - or _: a pseudonym" });

const common = {
  userId: userIdSchema,
  tmdbId: tmdbIdSchema,
  at: instantSchema.optional().describe("When it happened; the time of arrival unless given"),
};

/** `POST /events`: one thing that a user did with one film. */
export const userEventRequestSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("rating"),
    rating: z.number().min(0, { error: "must be at least 0" }).max(10, { error: "must be at most 10" }),
    ...common,
  }),
  z.strictObject({ type: z.literal("click"), ...common }),
  z.strictObject({ type: z.literal("watch_start"), ...common }),
  z.strictObject({ type: z.literal("watch_end"), secondsWatched: z.number().min(0).max(86_400).optional(), ...common }),
  z.strictObject({ type: z.literal("recommendation_click"), ...common }),
]);
export type UserEventRequest = z.infer<typeof userEventRequestSchema>;

/** What the sender is told: the event is kept, and under which id. */
export const userEventReceiptSchema = z.strictObject({ id: z.uuid() });
export type UserEventReceipt = z.infer<typeof userEventReceiptSchema>;

/** On topic `events.user`. */
export const userEventSchema = z.intersection(
  userEventRequestSchema,
  z.object({ id: z.uuid(), at: instantSchema, receivedAt: instantSchema, traceId: z.string() }),
);
export type UserEvent = z.infer<typeof userEventSchema>;
