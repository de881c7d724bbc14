// From the press of a key to the names that it goes by, whatever the layout and the script of the keyboard.
//
// Letters go by what is typed, so that a key is where its sign is on Dvorak and AZERTY too. A letter of another script goes
// by its place on the keyboard, and so does what AZERTY and others have on the keys of digits.

// what browsers call keys that type nothing
const NAMED = /^[A-Z][A-Za-z0-9]+$/;
const NO_SIGN = ["Dead", "Process", "Unidentified"];
const SAME = { "\u0130": "I", "\u061f": "?" };
// of what was typed last: where letters are not Latin, signs on the places of letters go by their place too
let isLatin = true;

// while letters are composed, keys belong to what composes them
export const isComposing = ({ isComposing, keyCode }) => isComposing || keyCode === 229;

// where a character needs AltGr, it is no command
export const isCommand = (event) => event.metaKey || (!isThirdLevel(event) && (event.ctrlKey || event.altKey));

const isThirdLevel = (event) => event.getModifierState("AltGraph");

// the names, those first that fit best: "K", "Shift+K", "7", "?", "ArrowLeft"
export function namesOf(event) {
  const { key, code, shiftKey } = event;
  if (NO_SIGN.includes(key)) return [];
  if (NAMED.test(key)) return shifted(key, shiftKey);
  const typed = signOf(key);
  if (/^\p{L}/u.test(typed)) isLatin = /^\p{Script=Latin}/u.test(typed);
  const isLetter = typed.toLowerCase() !== typed;
  return [...shifted(typed, shiftKey && isLetter), ...(isThirdLevel(event) ? [] : placesOf(typed, code, shiftKey))];
}

const shifted = (name, shiftKey) => (shiftKey ? [`Shift+${name}`, name] : [name]);

function signOf(key) {
  const typed = key.normalize("NFKC").toUpperCase();
  return /^\p{Nd}$/u.test(typed) ? valueOf(typed) : (SAME[typed] ?? typed);
}

// in each script, the digits from 0 to 9 stand in a row
function valueOf(digit) {
  const isDigit = (code) => /\p{Nd}/u.test(String.fromCodePoint(code));
  const code = digit.codePointAt(0);
  return String([...Array(10).keys()].find((value) => !isDigit(code - value - 1)) ?? 9);
}

function placesOf(typed, code, shiftKey) {
  const [, place, letter, digit] = /^(Key([A-Z])|Digit([0-9]))$/.exec(code) ?? [];
  if (!place || /^\p{Nd}$/u.test(typed)) return [];
  if (digit) return shiftKey ? [] : [digit];
  const isForeign = /^[\p{L}\p{M}]/u.test(typed) ? !/^\p{Script=Latin}/u.test(typed) : !isLatin;
  return isForeign ? shifted(letter, shiftKey) : [];
}
