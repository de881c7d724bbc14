// Brings names into one form, so that they are found however they are typed: case, accents, width and signs are left out.

// letters that Unicode does not take apart
const LETTERS = { ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ı: "i" };
const MARKS = /[\p{Script=Inherited}\p{Cf}]/gu;
const GAPS = /[\s\p{Pd}_/]+/gu;

export function fold(name) {
  // upper case first: it knows ß as SS
  const plain = name.normalize("NFKD").replace(MARKS, "").toUpperCase().toLowerCase().normalize("NFKD").replace(MARKS, "");
  return plain.replace(/[øłđðþæœı]/g, (letter) => LETTERS[letter]).replace(GAPS, " ").trim();
}

// what was typed, as a test of a folded name: all of its words, in any order; the lower, the better it fits
export function finder(typed) {
  const folded = fold(typed);
  const words = folded.split(" ");
  return (name) => {
    if (!words.every((word) => name.includes(word))) return -1;
    if (name === folded) return 0;
    if (name.startsWith(folded)) return 1;
    return words.every((word) => ` ${name}`.includes(` ${word}`)) ? 2 : 3;
  };
}
