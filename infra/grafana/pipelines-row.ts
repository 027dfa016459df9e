import { meanSeconds, orZero, type RowDefinition, redFrom, withinHour } from "./panel.ts";

export const PIPELINES_ROW: RowDefinition = {
  title: "Pipelines",
  panels: [
    {
      title: "Runs",
      description: "Runs that ended within the hour before, by pipeline, trigger and status.",
      unit: "short",
      look: "bars",
      width: 8,
      queries: [
        {
          expr: withinHour("marquee_pipeline_runs_total", "pipeline, trigger, status"),
          legend: "{{pipeline}} {{trigger}} {{status}}",
        },
      ],
    },
    {
      title: "Duration of a run",
      description: "Mean since the scheduler was started, by pipeline. A retrain is to end within 2 h.",
      unit: "s",
      look: "number",
      width: 4,
      queries: [{ expr: meanSeconds("marquee_pipeline_run_duration_seconds", "pipeline"), legend: "{{pipeline}}" }],
      steps: redFrom(7200),
    },
    {
      title: "Since the last success",
      description: "Time since a run of the pipeline last succeeded. Daily is late after 26 h.",
      unit: "s",
      look: "number",
      width: 4,
      queries: [
        {
          expr: "time() - max by (pipeline) (marquee_pipeline_last_success_timestamp_seconds)",
          legend: "{{pipeline}}",
        },
      ],
    },
    {
      title: "Decisions on retrains",
      description:
        "What the governor said within the hour before to alerts that ask for a retrain: accepted, or why not.",
      unit: "short",
      look: "bars",
      width: 8,
      queries: [
        {
          expr: orZero(withinHour("marquee_retrain_decisions_total", "code"), "code"),
          legend: "{{code}}",
        },
      ],
    },
    {
      title: "Tasks",
      description: "Tasks that ended within the hour before, by task and outcome, on all workers.",
      unit: "short",
      look: "bars",
      width: 8,
      queries: [{ expr: withinHour("marquee_tasks_total", "task, outcome"), legend: "{{task}} {{outcome}}" }],
    },
    {
      title: "Duration of a task",
      description: "Mean since the workers were started, by task.",
      unit: "s",
      look: "number",
      width: 8,
      queries: [{ expr: meanSeconds("marquee_task_duration_seconds", "task"), legend: "{{task}}" }],
    },
    {
      title: "Tasks under way",
      description: "Tasks that run now, by worker.",
      unit: "none",
      look: "lines",
      width: 8,
      queries: [{ expr: "sum by (instance) (marquee_tasks_running)", legend: "{{instance}}" }],
    },
  ],
};
