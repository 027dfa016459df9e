/** An npm command of a page: the script, and what is passed on after `--`. */
export interface DocCommand {
  /** As written. */
  text: string;
  /** `start`, `test`, or the name after `npm run`. */
  script: string;
  /** After ` -- `, quotes taken away. */
  args: string[];
}

const COMMAND = /\bnpm (?:run ([\w:-]+)|(start|test))((?: -- )[^`#&\n]*)?/g;
/** A word, or several in double quotes. */
const WORD = /"([^"]*)"|(\S+)/g;

/** Every npm command that a page tells its reader to run, in prose and in code blocks. `…` stands for what is left out. */
export function commandsOf(markdown: string): DocCommand[] {
  return [...markdown.matchAll(COMMAND)].map(([text, named, short, rest = ""]) => ({
    text: text.trim(),
    script: named ?? short ?? "",
    args: [...rest.replace(/^ -- /, "").matchAll(WORD)].flatMap(([, quoted, plain]) => {
      const word = quoted ?? plain ?? "";
      return word === "…" ? [] : [word];
    }),
  }));
}

/** `--name` of each flag among the words. */
export function flagsOf(args: readonly string[]): string[] {
  return args.filter((arg) => arg.startsWith("--")).map((arg) => arg.split("=")[0] ?? arg);
}
