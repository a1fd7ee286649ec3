import { type Atom, h, mi, mo } from "./nodes.ts";
import { big, functions, integrals, letters, limits, operators, upright } from "./symbols.ts";

/** What a command for a character or a name stands for. Undefined for other commands. */
export function symbolOf(name: string, isDisplayed: boolean): Atom | undefined {
  const letter = letters.get(name);
  if (letter) return { node: mi(letter) };
  const standing = upright.get(name);
  if (standing) return { node: h("mi", { mathvariant: "normal" }, standing) };
  const sign = operators.get(name) ?? (/^[{}%$&#_|]$/.test(name) ? name.replace("|", "‖") : undefined);
  if (sign) return { node: mo(sign, /^[⟨⟩⌊⌋⌈⌉{}|‖[\]]$/.test(sign) ? { stretchy: "false" } : {}) };
  const summed = big.get(name);
  if (summed) return { node: mo(summed, { movablelimits: "false", largeop: String(isDisplayed) }), above: true };
  const integral = integrals.get(name);
  if (integral) return { node: mo(integral) };
  if (functions.has(name)) return { node: mi(name) };
  if (limits.has(name)) return { node: mi(name), above: true };
  return undefined;
}
