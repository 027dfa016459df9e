import { describe, expect, it } from "vitest";
import {
  CONTAINER_ADDRESSES,
  CONTAINER_NGINX,
  CONTAINER_TLS,
  renderNginx,
  renderTeam,
  renderUpstreams,
} from "./render.ts";

const { blue, green, scheduler } = CONTAINER_ADDRESSES;

describe("the files of Nginx", () => {
  it.each([
    ["nginx.conf", renderNginx(CONTAINER_NGINX)],
    ["nginx-tls.conf", renderNginx({ ...CONTAINER_NGINX, tls: CONTAINER_TLS })],
    ["upstreams/both.conf", renderUpstreams({ serving: [blue, green], scheduler })],
    ["upstreams/blue.conf", renderUpstreams({ serving: [blue], scheduler })],
    ["upstreams/green.conf", renderUpstreams({ serving: [green], scheduler })],
  ])("%s is what the code makes", async (file, text) => {
    await expect(text).toMatchFileSnapshot(file);
  });

  it("let nobody of the team in unless an address is named", () => {
    expect(renderTeam([])).toBe("deny all;\n");
    expect(renderTeam(["203.0.113.7"])).toBe("allow 203.0.113.7;\ndeny all;\n");
  });
});
