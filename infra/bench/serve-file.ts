import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FileServer {
  /** Without slash at the end. */
  address: string;
  close(): void;
}

/** A host on loopback that has one file, given with ETag and Last-Modified, and answers 404 to all else. */
export async function serveFile(name: string, content: Buffer, modified: Date): Promise<FileServer> {
  const etag = `"${createHash("md5").update(content).digest("hex")}"`;
  const server = createServer((request, response) => {
    if (request.url !== `/${name}`) {
      response.writeHead(404).end();
      return;
    }
    const headers = { etag, "last-modified": modified.toUTCString(), "content-length": content.length };
    response.writeHead(200, headers).end(content);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
