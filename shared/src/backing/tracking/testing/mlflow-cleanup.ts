/** Deletes what tests have recorded of these models in a real MLflow: registered model, then experiment. */
export async function forgetModels(url: string, models: readonly string[]): Promise<void> {
  const api = `${url.replace(/\/+$/, "")}/api/2.0/mlflow`;
  const headers = { "content-type": "application/json" };
  for (const name of models) {
    await fetch(`${api}/registered-models/delete`, { method: "DELETE", headers, body: JSON.stringify({ name }) });
    const found = await fetch(
      `${api}/experiments/get-by-name?experiment_name=${encodeURIComponent(`marquee/${name}`)}`,
    );
    const { experiment } = (await found.json()) as { experiment?: { experiment_id: string } };
    if (!experiment) continue;
    const body = JSON.stringify({ experiment_id: experiment.experiment_id });
    await fetch(`${api}/experiments/delete`, { method: "POST", headers, body });
  }
}
