import { Command } from "commander";
import { doctorCommand } from "./doctor-command.ts";
import { predictCommand } from "./predict-command.ts";

/** Where a command writes its answer. */
export interface Output {
  write(text: string): unknown;
}

export function createProgram(output: Output): Command {
  return new Command("marquee")
    .description("Marquee's command line: npm run marquee -- COMMAND")
    .addHelpText(
      "after",
      "\nExit codes: 0 done; 1 failed, and the same call will fail again; 75 failed, try again later.",
    )
    .showHelpAfterError("(add --help for what is accepted)")
    .addCommand(predictCommand(output))
    .addCommand(doctorCommand(output));
}
