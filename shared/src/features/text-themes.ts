/**
 * What plots are about, by words that say so plainly; each word tells one theme. Chosen by reading the plots' 900 most
 * frequent words, none by its ratings.
 */
export const THEMES = {
  war: "war wars soldier soldiers army military battle troops nazi nazis german soviet sergeant marine marines invasion",
  crime:
    "crime crimes criminal criminals gang gangs gangster mafia mob heist robbery thief thieves drug drugs dealer prison jail kidnapped ransom",
  police:
    "police cop cops detective detectives agent agents fbi cia sheriff officer officers undercover investigation investigate spy lawyer trial",
  killing:
    "murder murders murdered murderer killer killers killing kill kills killed assassin hitman revenge vengeance serial",
  love: "love loves lover lovers romance romantic relationship relationships marriage married marry wedding affair boyfriend girlfriend bride",
  family:
    "family families father fathers mother mothers son sons daughter daughters brother brothers sister sisters parents child children wife husband",
  youth:
    "school college teen teens teenage teenager teenagers student students girl girls boy boys kids childhood summer graduation",
  magic:
    "magic magical king queen prince princess kingdom dragon dragons wizard witch legend legendary quest creatures castle fairy curse",
  horror:
    "terror terrifying evil horror demon demons ghost ghosts haunted zombie zombies vampire vampires supernatural spirits terrorized monster",
  space:
    "space planet planets alien aliens earth galaxy robot robots future futuristic spaceship astronaut scientist scientists machine machines virus",
  sport:
    "team coach game games football baseball basketball boxing boxer championship race racing sport sports player players tournament",
  music: "music musical band singer song songs rock concert dance dancer dancing musician musicians stage tour",
  society:
    "political politics president government society social justice rights law election community workers history historical revolution country",
  fun: "comedy party vacation christmas holiday trip fun crazy hilarious friends buddies dog adventure adventures",
} as const;
export type Theme = keyof typeof THEMES;

export const THEME_NAMES = Object.keys(THEMES) as Theme[];

const PLACE_OF_WORD: ReadonlyMap<string, number> = new Map(
  Object.values(THEMES).flatMap((words, place) => words.split(" ").map((word) => [word, place] as const)),
);

/** @returns of each theme, in the order of THEME_NAMES, its words' share of all */
export function themeShares(words: readonly string[]): number[] {
  const found = THEME_NAMES.map(() => 0);
  for (const word of words) {
    const place = PLACE_OF_WORD.get(word);
    if (place !== undefined) found[place] = (found[place] ?? 0) + 1;
  }
  return found.map((count) => count / Math.max(1, words.length));
}
