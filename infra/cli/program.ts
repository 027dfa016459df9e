import { Command } from "commander";
import { archiveCommand } from "./archive-command.ts";
import { backupCommand } from "./backup-command.ts";
import { catalogCommand } from "./catalog-command.ts";
import { collectCommand } from "./collect-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { featuresCommand } from "./features-command.ts";
import { predictCommand } from "./predict-command.ts";
import { qualityCommand } from "./quality-command.ts";
import { quarantineCommand } from "./quarantine-command.ts";
import { usersCommand } from "./users-command.ts";

/** Where a command writes its answer. */
export interface Output {
  write(text: string): unknown;
}

/** @throws (when parsing) CommanderError where it was called wrongly, or help was asked for */
export function createProgram(output: Output): Command {
  const program = new Command("marquee")
    .description("Marquee's command line: npm run marquee -- COMMAND")
    .addHelpText(
      "after",
      "\nExit codes: 0 done; 1 failed, and the same call will fail again; 2 called wrongly; 75 failed, try again later;\n130 stopped with Ctrl-C, 143 stopped by a termination: call again, and it goes on.",
    )
    .addCommand(predictCommand(output))
    .addCommand(doctorCommand(output))
    .addCommand(collectCommand(output))
    .addCommand(archiveCommand(output))
    .addCommand(catalogCommand(output))
    .addCommand(quarantineCommand(output))
    .addCommand(qualityCommand(output))
    .addCommand(featuresCommand(output))
    .addCommand(backupCommand(output))
    .addCommand(usersCommand(output));
  forEach(program, (command) => command.exitOverride().showHelpAfterError("(add --help for what is accepted)"));
  return program;
}

/** Commands that were made on their own take over no settings of the program. */
function forEach(command: Command, apply: (command: Command) => void): void {
  apply(command);
  for (const sub of command.commands) forEach(sub, apply);
}
