export interface AlertRule {
  alert: string;
  /** The same at any scale of time. */
  expr: string;
  /** How long the expression must hold before the alert fires. */
  forSeconds: number;
  /** How long it goes on firing once the expression no longer holds. */
  keepFiringSeconds?: number;
  labels: Record<string, string>;
  annotations: { summary: string; description: string; runbook: string };
}
