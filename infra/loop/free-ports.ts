import { createServer } from "node:net";

/** Ports of this machine that nobody listens on now, all different. */
export async function freePorts<const Names extends readonly string[]>(
  names: Names,
): Promise<Record<Names[number], number>> {
  const servers = await Promise.all(
    names.map(async (name) => {
      const server = createServer();
      const listening = Promise.withResolvers<void>();
      server.once("error", listening.reject).listen(0, "127.0.0.1", listening.resolve);
      await listening.promise;
      const address = server.address();
      return { name, server, port: typeof address === "object" && address ? address.port : 0 };
    }),
  );
  await Promise.all(
    servers.map(({ server }) => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      return closed.promise;
    }),
  );
  return Object.fromEntries(servers.map(({ name, port }) => [name, port])) as Record<Names[number], number>;
}
