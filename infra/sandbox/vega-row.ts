import { z } from "zod";

/** A row of vega-datasets' movies.json; fields that the sandbox does not use are left out. */
export const vegaRowSchema = z.object({
  // Titles such as 300 and 2046 are numbers in the file.
  Title: z.union([z.string(), z.number()]).nullable(),
  "Worldwide Gross": z.number().nullable(),
  "Production Budget": z.number().nullable(),
  "Release Date": z.string(),
  "MPAA Rating": z.string().nullable(),
  "Running Time min": z.number().nullable(),
  Distributor: z.string().nullable(),
  "Major Genre": z.string().nullable(),
  "Creative Type": z.string().nullable(),
  Director: z.string().nullable(),
  "IMDB Rating": z.number().nullable(),
  "IMDB Votes": z.number().nullable(),
});
export type VegaRow = z.infer<typeof vegaRowSchema>;

/** A line of data/cast.jsonl. */
export const castRowSchema = z.object({
  title: z.union([z.string(), z.number()]),
  releaseYear: z.int(),
  cast: z.array(z.string()),
  genres: z.array(z.string()),
});
export type CastRow = z.infer<typeof castRowSchema>;
