import { Command } from "commander";
import { checkLeaksCommand } from "./features/check-leaks-command.ts";
import { checkSkewCommand } from "./features/check-skew-command.ts";
import { datasetsCommand } from "./features/datasets-command.ts";
import { diffCommand } from "./features/diff-command.ts";
import { exportFeastCommand } from "./features/export-feast-command.ts";
import { historyCommand } from "./features/history-command.ts";
import { listCommand } from "./features/list-command.ts";
import { materializeCommand, materializeIncrementalCommand } from "./features/materialize-command.ts";
import { showCommand } from "./features/show-command.ts";
import type { Output } from "./program.ts";

export function featuresCommand(output: Output): Command {
  return new Command("features")
    .description("The feature store: views and their versions, datasets, what lies online")
    .addCommand(listCommand(output))
    .addCommand(showCommand(output))
    .addCommand(diffCommand(output))
    .addCommand(materializeCommand(output))
    .addCommand(materializeIncrementalCommand(output))
    .addCommand(datasetsCommand(output))
    .addCommand(historyCommand(output))
    .addCommand(checkLeaksCommand(output))
    .addCommand(checkSkewCommand(output))
    .addCommand(exportFeastCommand(output));
}
