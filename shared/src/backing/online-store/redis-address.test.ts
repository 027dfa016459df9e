import { expect, it } from "vitest";
import { parseRedisUrl } from "./redis-address.ts";

const cluster = { kind: "cluster", tls: false, username: undefined, password: undefined };

it.each<[string, ReturnType<typeof parseRedisUrl>]>([
  [
    "redis://user:secret@cache:6380/2",
    { kind: "single", url: "redis://user:secret@cache:6380/2", where: "cache:6380" },
  ],
  ["rediss://cache", { kind: "single", url: "rediss://cache", where: "cache" }],
  [
    "redis+cluster://10.0.0.1:7000,10.0.0.2",
    {
      ...cluster,
      nodes: [
        { host: "10.0.0.1", port: 7000 },
        { host: "10.0.0.2", port: 6379 },
      ],
      where: "10.0.0.1:7000,10.0.0.2:6379",
    } as ReturnType<typeof parseRedisUrl>,
  ],
  [
    "rediss+cluster://user:p%40ss,word@[::1]:7000/",
    {
      kind: "cluster",
      tls: true,
      nodes: [{ host: "::1", port: 7000 }],
      username: "user",
      password: "p@ss,word",
      where: "[::1]:7000",
    },
  ],
])("understands %s", (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

it.each([
  "cache:6379",
  "http://cache:6379",
  "redis://",
  "redis+cluster://",
  "redis+cluster://a:6379,,b:6379",
  "redis+cluster://a:port",
  "redis+cluster://a:6379/1",
  "redis+cluster://a:6379,b:6379/0",
  "cluster://a:6379",
])("takes %s for no address of Redis", (url) => {
  expect(parseRedisUrl(url)).toBeUndefined();
});
