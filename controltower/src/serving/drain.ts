import { setTimeout as delay } from "node:timers/promises";
import type { Check } from "@marquee/shared/service/http";
import type { Lifecycle } from "@marquee/shared/service/lifecycle";
import type { FastifyInstance } from "fastify";

/** From the first moment of stopping: whoever spreads requests over several of us is to take this one out. */
export function drainingCheck(lifecycle: Lifecycle): Check {
  return {
    name: "draining",
    severity: "required",
    problem: () => (lifecycle.stopping ? "The process stops: it answers what still comes, for a moment." : undefined),
  };
}

/** While stopping, each answer ends its connection: the next request then finds another process, not a closed socket. */
export function endConnectionsWhileStopping(app: FastifyInstance, lifecycle: Lifecycle): void {
  app.addHook("onRequest", (_request, reply, done) => {
    if (lifecycle.stopping) void reply.header("connection", "close");
    done();
  });
}

/**
 * Stops `http` in two steps: for so many seconds `/ready` says that the process is draining while all else is answered
 * as ever; then nothing new is taken, and what is being answered is finished.
 */
export function drainBeforeStop(http: FastifyInstance, lifecycle: Lifecycle, seconds: number): void {
  lifecycle.onStop("http", () => http.close());
  // Stops run last in, first out.
  lifecycle.onStop("drain", () => delay(seconds * 1000));
}
