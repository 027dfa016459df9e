/** Letters that no decomposition of Unicode takes apart. */
const LETTERS: Readonly<Record<string, string>> = {
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ß: "ss",
  ı: "i",
};

/**
 * What is left of a title or a name for comparing how two sources write it: case, accents, punctuation, spaces, `&` for
 * "and" and an English article at the start or after a comma at the end make no difference. Letters of every script
 * stay. A title of nothing but punctuation is compared as it is.
 */
export function titleKey(title: string): string {
  const plain = title
    .toLowerCase()
    .normalize("NFKD")
    // Accents of Latin, Greek and Cyrillic alone: in other scripts marks are vowels.
    .replace(/[\u0300-\u036f]/gu, "")
    .replace(/[æœøłđðþßı]/gu, (letter) => LETTERS[letter] ?? letter)
    .replaceAll("&", " and ");
  const key = plain
    .replace(/,\s*(the|an|a)$/u, "")
    .replace(/^\s*(the|an|a)\s+(?=\S)/u, "")
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");
  return key === "" ? plain.trim() : key;
}
