import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createS3ObjectStore } from "../src/backing/object-store/s3-object-store.ts";

const PART_BYTES = 5 * 1024 * 1024;

/** How the next parts are answered. */
let refuse: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    if (request.url?.includes("partNumber=")) return refuse(response);
    response.end("<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>");
  });
});

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "anybody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "anything");
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await once(server.close(), "close");
});

it.each([
  ["are refused", "SETTINGS_INVALID", (response: ServerResponse) => response.writeHead(403).end()],
  ["meet an ailing server", "OBJECT_STORE_UNAVAILABLE", (response: ServerResponse) => response.writeHead(503).end()],
  ["are cut off", "OBJECT_STORE_UNAVAILABLE", (response: ServerResponse) => response.destroy()],
])("a stream whose parts %s fails for that reason, and is not read on", async (_what, code, answer) => {
  refuse = answer;
  const { port } = server.address() as AddressInfo;
  const store = createS3ObjectStore({ bucket: "films", prefix: "", endpoint: `http://127.0.0.1:${port}` });
  const over = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(PART_BYTES);
    } finally {
      over.resolve();
    }
  }
  await expect(store.put("large/one", endless())).rejects.toMatchObject({ code });
  await over.promise;
});
