import { MarqueeError } from "@marquee/shared/service/errors";
import type { FastifyInstance } from "fastify";

const RETRY_AFTER_SECONDS = 2;
/** What answers from the first moment on: the process's own routes and the documentation. */
const ALWAYS_OPEN = /^\/(health|ready|metrics|docs)\b/;

/**
 * Answers everything else with NOT_READY until the returned function is called: before features are online, "unknown
 * film" would be a lie.
 */
export function answerWhileStarting(app: FastifyInstance): () => void {
  let open = false;
  app.addHook("onRequest", (request, _reply, done) => {
    if (open || ALWAYS_OPEN.test(request.url)) done();
    else {
      done(
        new MarqueeError(
          "NOT_READY",
          "Marquee is starting: it collects, builds features and trains. The terminal shows how far it is.",
          {
            retryAfterSeconds: RETRY_AFTER_SECONDS,
          },
        ),
      );
    }
  });
  return () => {
    open = true;
  };
}
