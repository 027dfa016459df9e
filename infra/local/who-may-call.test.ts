import { describe, expect, it } from "vitest";
import { accessOf, urlHost } from "./who-may-call.ts";

describe("routes that start work", () => {
  it.each([
    [undefined, "127.0.0.1", "local", "open"],
    [undefined, "localhost", "local", "open"],
    [undefined, "::1", "development", "open"],
    [undefined, "127.0.0.1", "production", "left out"],
    [undefined, "0.0.0.0", "local", "left out"],
    [undefined, "::", "local", "left out"],
    [undefined, "192.168.1.7", "local", "left out"],
    [undefined, "laptop.lan", "local", "left out"],
    ["secret", "127.0.0.1", "local", "with a token"],
    ["secret", "0.0.0.0", "production", "with a token"],
  ] as const)("with the token %s, on %s in %s, are %s", (token, HOST, MARQUEE_ENV, expected) => {
    expect(accessOf(token, { HOST, MARQUEE_ENV })).toBe(expected);
  });
});

describe("an address to copy", () => {
  it.each([
    ["0.0.0.0", "localhost"],
    ["::1", "localhost"],
    ["192.168.1.7", "192.168.1.7"],
    ["fe80::1", "[fe80::1]"],
  ])("names %s as %s", (host, expected) => {
    expect(urlHost(host)).toBe(expected);
  });
});
