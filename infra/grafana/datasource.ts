/** Prometheus as panels name it; the provisioned data source has this id. */
export const PROMETHEUS = { type: "prometheus", uid: "prometheus" } as const;

/**
 * The content of Grafana's provisioning/datasources file.
 * @param url of Prometheus, as Grafana reaches it
 */
export function datasourceProvisioning(url: string): object {
  return {
    apiVersion: 1,
    datasources: [
      {
        name: "Prometheus",
        ...PROMETHEUS,
        access: "proxy",
        url,
        isDefault: true,
        editable: false,
        // Prometheus's scrape interval: the shortest step that makes sense, and what `$__rate_interval` is made of.
        jsonData: { timeInterval: "15s", httpMethod: "POST" },
      },
    ],
  };
}

/**
 * The content of Grafana's provisioning/dashboards file: dashboards are read from a folder and cannot be changed by
 * hand, since the next start would lose the change.
 * @param path of the dashboards' folder, as Grafana finds it
 */
export function dashboardProvisioning(path: string): object {
  return {
    apiVersion: 1,
    providers: [
      {
        name: "marquee",
        type: "file",
        folder: "Marquee",
        allowUiUpdates: false,
        disableDeletion: true,
        options: { path, foldersFromFilesStructure: false },
      },
    ],
  };
}
