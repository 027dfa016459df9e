import { MarqueeError } from "../../service/errors.ts";

interface Connectable {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** A client that is connected when it is first needed, and thrown away with the first call that fails. */
export interface KeptClient<Client> {
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * For clients that cannot be trusted after a failure. So is an idempotent producer: the broker may have taken what
 * failed, and would then take the next messages, under the same numbers, for a repetition and drop them.
 */
export function keepClient<Client extends Connectable>(make: () => Client): KeptClient<Client> {
  let current: Promise<Client> | undefined;
  let closed = false;
  const leaving = new Set<Promise<void>>();

  function discard(client: Promise<Client>): Promise<void> {
    if (current === client) current = undefined;
    const left = client
      .then((connected) => connected.disconnect())
      .catch(() => undefined) // never connected, or gone already
      .finally(() => leaving.delete(left));
    leaving.add(left);
    return left;
  }

  return {
    use: async (work) => {
      if (closed) throw new MarqueeError("EVENT_BUS_UNAVAILABLE", "The event bus was closed by this process.");
      current ??= connect(make);
      const client = current;
      try {
        return await work(await client);
      } catch (error) {
        void discard(client);
        throw error;
      }
    },
    close: async () => {
      closed = true;
      if (current !== undefined) void discard(current);
      await Promise.all(leaving);
    },
  };
}

async function connect<Client extends Connectable>(make: () => Client): Promise<Client> {
  const client = make();
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.disconnect().catch(() => undefined); // as far as it came
    throw error;
  }
}
