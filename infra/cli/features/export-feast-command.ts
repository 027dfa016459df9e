import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ALL_VIEWS, FEATURE_SERVICES } from "@marquee/shared/features/film-views";
import { MarqueeError } from "@marquee/shared/service/errors";
import { makeFolder } from "@marquee/shared/service/make-folder";
import { Command, InvalidArgumentError } from "commander";
import type { Output } from "../program.ts";
import { FEAST_HEAD, feastRepository } from "./export-feast.ts";

interface ExportFlags {
  url: string;
  token?: boolean;
  json?: boolean;
}

export function exportFeastCommand(output: Output): Command {
  return new Command("export-feast")
    .description("Write a Feast repository (Feast 0.67) whose client reads from Marquee's feature server")
    .argument("<dir>", "folder to write feature_store.yaml and features.py to")
    .option(
      "--url <url>",
      "where the feature server answers, as the client reaches it",
      parseUrl,
      "http://localhost:6566",
    )
    .option("--token", "the feature server asks for its token; the client reads it from FEATURE_SERVER_TOKEN")
    .option("--json", "print one JSON object: {command, ok, detail}, or {ok: false, code, …}")
    .addHelpText(
      "after",
      "\nExample:\n  npm run marquee -- features export-feast feast --url http://localhost:8080/features\n  (cd feast && feast apply)",
    )
    .action((dir: string, { url, token = false, json }: ExportFlags) => {
      const folder = resolve(dir);
      const files = writeRepository(
        folder,
        feastRepository({ views: ALL_VIEWS, services: FEATURE_SERVICES, url, token }),
      );
      const detail = { folder, files, url, views: ALL_VIEWS.length };
      output.write(
        json
          ? `${JSON.stringify({ command: "features export-feast", ok: true, detail })}\n`
          : `Wrote ${files.join(" and ")} to ${folder}: ${ALL_VIEWS.length} feature views that ${url} answers. Next, there: feast apply\n`,
      );
    });
}

function parseUrl(text: string): string {
  if (!URL.canParse(text) || !["http:", "https:"].includes(new URL(text).protocol))
    throw new InvalidArgumentError("It must be a URL that begins with http:// or https://.");
  return text.replace(/\/$/, "");
}

/** @throws FOLDER_UNUSABLE where there is a file that we have not made, or where none can be made */
function writeRepository(folder: string, repository: Record<string, string>): string[] {
  const files = Object.entries(repository);
  inFolder(folder, () => makeFolder(folder));
  for (const [name] of files) {
    const path = join(folder, name);
    if (existsSync(path) && !readFileSync(path, "utf8").startsWith(FEAST_HEAD)) {
      throw new MarqueeError(
        "FOLDER_UNUSABLE",
        `${path} is there already and was not made by this command. Name another folder, or move the file away.`,
      );
    }
  }
  inFolder(folder, () => {
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
  });
  return files.map(([name]) => name);
}

/** Says what to do in this command's words: the folder is its argument, and it has no --home. */
function inFolder(folder: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new MarqueeError(
      "FOLDER_UNUSABLE",
      `Nothing can be written to ${folder}: it or a folder above it is a file, or closed to you. Name another folder.`,
      { cause },
    );
  }
}
