/** Sets the writing direction of each part of an answer by its own text. Code and formulas run from left to right. */
export function setDirections(block) {
  for (const part of block.children) part.dir = "auto";
  for (const code of block.querySelectorAll("pre, code")) code.dir = "ltr";
}
