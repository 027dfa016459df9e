import { describe, expect, it } from "vitest";
import { alertRouting } from "./alert-routing.ts";

const options = { scale: 1, webhookUrl: "http://s:8080/webhooks/alertmanager", webhookCredentialsFile: "/run/token" };

describe("alerts", () => {
  it("that ask for a retrain go to the scheduler with its token, and on to the team", () => {
    expect(alertRouting(options)).toMatchObject({
      route: {
        receiver: "team",
        routes: [
          {
            receiver: "retrain",
            matchers: ['action="retrain"'],
            group_by: ["alertname", "model", "version"],
            continue: true,
          },
          { receiver: "team" },
        ],
      },
      receivers: [
        { name: "team" },
        {
          name: "retrain",
          webhook_configs: [
            {
              url: options.webhookUrl,
              send_resolved: true,
              http_config: { authorization: { type: "Bearer", credentials_file: "/run/token" } },
            },
          ],
        },
      ],
    });
  });

  it("are told in Slack only where the address of a channel is given", () => {
    expect(JSON.stringify(alertRouting(options))).not.toContain("slack");
    const slack = { urlFile: "/run/slack", channel: "#marquee" };
    expect(alertRouting({ ...options, slack })).toMatchObject({
      receivers: [{ name: "team", slack_configs: [{ api_url_file: "/run/slack", channel: "#marquee" }] }, {}],
    });
  });

  it("wait as the scale says", () => {
    expect(alertRouting({ ...options, scale: 0.01 })).toMatchObject({
      route: {
        group_wait: "300ms",
        group_interval: "3s",
        repeat_interval: "144s",
        routes: [{ group_wait: "100ms", group_interval: "600ms", repeat_interval: "36s" }, {}],
      },
    });
  });
});
