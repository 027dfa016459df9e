import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { MarqueeError } from "./errors.ts";

/**
 * A hook that lets in who brings the token (RFC 6750), and everybody where none is set.
 * Hashes are compared, so that neither the time nor the length tells anything of the token.
 */
export function requireBearer(token: string | undefined) {
  const expected = token === undefined ? undefined : digest(token);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (expected === undefined) return;
    const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    void reply.header("www-authenticate", "Bearer");
    throw new MarqueeError("CREDENTIALS_REFUSED", "Send the header authorization: Bearer TOKEN with a valid token.");
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
