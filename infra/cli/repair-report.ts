import type { RepairDetail } from "@marquee/workhorse/tasks/repair-archive";
import { count } from "../local/reporter.ts";
import { textTable } from "./text-table.ts";

/** What a repair of the archive took out, what comes again, and what does not. */
export function describeRepair({ damaged, objects, films, files, lost, fetches }: RepairDetail): {
  text: string;
  changed: string;
} {
  if (damaged.length === 0) return { text: "", changed: `${count(fetches)} fetches, all whole: nothing was done` };
  const rows = damaged.map(({ source, name, day, code, key }) => [
    source ?? "",
    name,
    day,
    code === "OBJECT_CORRUPT" ? "damaged" : "missing",
    key,
  ]);
  const anew = [...(films === 0 ? [] : [`${count(films)} films of TMDB`]), ...files.map((file) => `IMDb's ${file}`)];
  const text = [
    textTable(["source", "name", "day", "was", "taken out"], rows),
    "",
    anew.length === 0
      ? "Nothing of it is to be fetched anew."
      : `To be fetched anew: ${anew.join(", ")}. Do it now, then load it: npm run marquee -- collect; npm run marquee -- catalog load`,
    ...lostForGood(lost),
  ].join("\n");
  const of = `${count(damaged.length)} of ${count(fetches)} fetches`;
  return { text, changed: `${of} taken out with ${count(objects)} objects, no row of the catalog` };
}

function lostForGood({ tmdbDays, ratingDays }: RepairDetail["lost"]): string[] {
  return [
    ...(tmdbDays.length === 0
      ? []
      : [
          `Lost for good: what TMDB said of these films on ${tmdbDays.join(", ")}, where it says something else now. The catalog keeps what it took of it, such as votes of those days; a rebuild has what TMDB says now.`,
        ]),
    ...(ratingDays.length === 0
      ? []
      : [
          `Lost for good: IMDb's ratings of ${ratingDays.join(", ")}, unless IMDb's file is still of that day: it offers the newest alone. The catalog keeps those that it took; a rebuild would not have them.`,
        ]),
  ];
}
