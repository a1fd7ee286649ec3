/** Where an alphabet's capitals, small letters and digits begin in Unicode; 0 if it has none. Letters that stand elsewhere. */
interface Alphabet {
  starts: [capital: number, small: number, digit: number];
  elsewhere?: Record<string, string>;
}

const doubleStruck = { C: "ℂ", H: "ℍ", N: "ℕ", P: "ℙ", Q: "ℚ", R: "ℝ", Z: "ℤ" };
const script = { B: "ℬ", E: "ℰ", F: "ℱ", H: "ℋ", I: "ℐ", L: "ℒ", M: "ℳ", R: "ℛ", e: "ℯ", g: "ℊ", o: "ℴ" };
const fraktur = { C: "ℭ", H: "ℌ", I: "ℑ", R: "ℜ", Z: "ℨ" };

const alphabets: Record<string, Alphabet> = {
  mathbf: { starts: [0x1d400, 0x1d41a, 0x1d7ce] },
  boldsymbol: { starts: [0x1d468, 0x1d482, 0x1d7ce] },
  bm: { starts: [0x1d468, 0x1d482, 0x1d7ce] },
  mathbb: { starts: [0x1d538, 0x1d552, 0x1d7d8], elsewhere: doubleStruck },
  mathcal: { starts: [0x1d49c, 0x1d4b6, 0], elsewhere: script },
  mathscr: { starts: [0x1d49c, 0x1d4b6, 0], elsewhere: script },
  mathfrak: { starts: [0x1d504, 0x1d51e, 0], elsewhere: fraktur },
  mathsf: { starts: [0x1d5a0, 0x1d5ba, 0x1d7e2] },
  mathtt: { starts: [0x1d670, 0x1d68a, 0x1d7f6] },
  mathit: { starts: [0x1d434, 0x1d44e, 0] },
};

export function isAlphabet(name: string): boolean {
  return Object.hasOwn(alphabets, name);
}

/** A text in another alphabet. */
export function inAlphabet(name: string, text: string): string {
  const { starts, elsewhere = {} } = alphabets[name] ?? { starts: [0, 0, 0] };
  return [...text].map((character) => elsewhere[character] ?? moved(character, starts)).join("");
}

function moved(character: string, [capital, small, digit]: Alphabet["starts"]): string {
  const from = /[A-Z]/.test(character) ? [capital, "A"] : /[a-z]/.test(character) ? [small, "a"] : [digit, "0"];
  const [start, first] = from as [number, string];
  if (!start || !/[A-Za-z0-9]/.test(character)) return character;
  return String.fromCodePoint(start + character.charCodeAt(0) - first.charCodeAt(0));
}
