import { expect, test } from "vitest";
import { directorNames } from "./director-names.ts";
import { film } from "./testing/few-films.ts";

const directed = (id: number, ...directors: string[]) =>
  film(
    { id, imdb_id: `tt000000${id}` },
    {
      parts: {
        credits: {
          cast: [],
          crew: [{ job: "Writer", name: "Wanda" }, ...directors.map((name) => ({ job: "Director", name }))],
        },
      },
    },
  );

test("a name follows where both sides have one director, and only there", async () => {
  const films = [
    directed(1, "Ann"),
    directed(2, "Ann"),
    directed(3, "Bob", "Cid"),
    directed(4, "Dora"),
    directed(5),
    film({ id: 6 }),
  ];
  const crew = [
    "tt0000001\tnm2\t\\N",
    "tt0000002\tnm2\tnm7",
    "tt0000003\tnm3\t\\N",
    "tt0000004\tnm4,nm5\t\\N",
    "tt0000005\tnm1\t\\N",
    "tt0000009\tnm9\t\\N",
  ];
  const lines: string[] = [];
  const source = directorNames(films, async function* () {
    yield crew;
  });
  for await (const batch of source()) lines.push(...batch);
  expect(lines).toEqual(["nm2\tAnn\t\\N\t\\N\tdirector\ttt0000001,tt0000002"]);
});
