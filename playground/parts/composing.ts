/**
 * True while the keyboard composes a character, as for Chinese, Japanese and Korean: the key belongs to the composition.
 * Safari ends the composition before the key that ended it, which then has the code 229 (WebKit bug 165004).
 */
export function isComposing({ isComposing: composes, keyCode }: KeyboardEvent): boolean {
  return composes || keyCode === 229;
}
