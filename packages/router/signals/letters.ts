/** Maps letters to lower case without accents: É, é and e are the same. */
export const folded = new Uint16Array(0x2000).map((_, code) => {
  if (code < 128 && !(code >= 65 && code <= 90)) return code;
  if ((code >= 0x530 && code < 0x1e00) || (code >= 0x250 && code < 0x370)) return code;
  const letter = String.fromCharCode(code).toLowerCase().normalize("NFD").charCodeAt(0);
  return letter;
});

export function fold(code: number): number {
  return code < 0x2000 ? (folded[code] ?? code) : code === 0x2019 ? 39 : code;
}

/** Character classes of code units; 0 means whitespace, punctuation or emoji. */
export const lower = 1;
export const upper = 2;
export const digit = 3;
export const underscore = 4;
const otherLetter = 5;
/** Characters of scripts without spaces between words. Each one is a token, and a word is a phrase of them. */
export const sign = 6;

export const classes = new Uint8Array(0x10000);
classes.fill(lower, 97, 123);
classes.fill(upper, 65, 91);
classes.fill(digit, 48, 58);
classes[95] = underscore;
classes.fill(otherLetter, 0xc0, 0x2000);
classes.fill(otherLetter, 0x2c00, 0x3000);
classes.fill(otherLetter, 0xa000, 0xd800);
classes.fill(otherLetter, 0xf900, 0xfe00);
classes.fill(sign, 0x0e00, 0x0e80);
classes.fill(sign, 0x3040, 0xa000);
classes[0x0964] = 0;
