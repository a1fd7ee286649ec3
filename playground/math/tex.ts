import type { VNode } from "preact";

import { inAlphabet, isAlphabet } from "./alphabets.ts";
import { type Atom, fence, h, mi, mo, row, table } from "./nodes.ts";
import { TexReader } from "./reader.ts";
import { symbolOf } from "./symbol-atoms.ts";
import { accents, environments, marksBelow, operators, spaces } from "./symbols.ts";

/** Commands without effect in MathML. */
const ignored = new Set(
  "\\displaystyle \\textstyle \\limits \\nolimits \\left. \\right. \\nonumber \\notag \\hline".split(" "),
);
const sizes = /^\\[bB]igg?[lrm]?$/;

/** Converts a formula without its delimiters to MathML. Throws if it contains an unknown command. */
export function mathOf(tex: string, isDisplayed: boolean): VNode {
  const reader = new TexReader(tex);
  const rows = lines(reader, undefined, isDisplayed);
  if (reader.next !== undefined) throw new SyntaxError(`${reader.next} is not expected.`);
  const whole = rows.length === 1 && rows[0]?.length === 1 ? row(rows[0][0] ?? []) : table(rows, "left");
  return h("math", isDisplayed ? { display: "block" } : {}, whole);
}

/** Rows of cells, up to `\end` or the end. */
function lines(reader: TexReader, end: string | undefined, isDisplayed: boolean): VNode[][][] {
  const rows: VNode[][][] = [[[]]];
  while (reader.next !== undefined && reader.next !== end) {
    if (reader.takes("\\\\")) {
      reader.option();
      rows.push([[]]);
    } else if (reader.takes("&")) rows.at(-1)?.push([]);
    else
      rows
        .at(-1)
        ?.at(-1)
        ?.push(...atoms(reader, isDisplayed, ["&", "\\\\", ...(end ? [end] : [])]));
  }
  return rows.filter((cells) => cells.length > 1 || (cells[0]?.length ?? 0) > 0);
}

/** All up to one of the tokens in `ends`, which is left. */
function atoms(reader: TexReader, isDisplayed: boolean, ends: string[] = []): VNode[] {
  const nodes: VNode[] = [];
  while (reader.next !== undefined && !ends.includes(reader.next)) {
    const token = reader.take();
    if (ignored.has(token) || sizes.test(token)) continue;
    if (token === "}" || token === "\\right" || token === "\\end") throw new SyntaxError(`${token} is not expected.`);
    nodes.push(scripted(reader, atom(reader, token, isDisplayed), isDisplayed));
  }
  return nodes;
}

/** A group in braces, or a single token. */
function argument(reader: TexReader, isDisplayed: boolean): VNode {
  return reader.nested(() => {
    if (!reader.takes("{")) return atom(reader, reader.take(), isDisplayed).node;
    const nodes = atoms(reader, isDisplayed, ["}"]);
    reader.expect("}");
    return row(nodes);
  });
}

function scripted(reader: TexReader, { node, above = false }: Atom, isDisplayed: boolean): VNode {
  let below: VNode | undefined;
  let over: VNode | undefined;
  while (reader.next === "_" || reader.next === "^" || reader.next === "'" || reader.next === "\\limits") {
    const mark = reader.take();
    if (mark === "_") below = argument(reader, false);
    else if (mark === "^") over = over ? row([over, argument(reader, false)]) : argument(reader, false);
    else if (mark === "'") over = over ? row([over, mo("′")]) : mo("′");
  }
  const isAbove = above && isDisplayed;
  if (below && over) return h(isAbove ? "munderover" : "msubsup", {}, node, below, over);
  if (below) return h(isAbove ? "munder" : "msub", {}, node, below);
  return over ? h(isAbove ? "mover" : "msup", {}, node, over) : node;
}

function atom(reader: TexReader, token: string, isDisplayed: boolean): Atom {
  if (token === "{") {
    const nodes = reader.nested(() => atoms(reader, isDisplayed, ["}"]));
    reader.expect("}");
    return { node: row(nodes) };
  }
  const space = spaces.get(token);
  if (space !== undefined) return { node: h("mspace", { width: `${space}em` }) };
  if (/^\d/.test(token)) return { node: h("mn", {}, token) };
  if (token.startsWith("\\")) return command(reader, token.slice(1), isDisplayed);
  if (/^\p{L}$/u.test(token)) return { node: mi(token) };
  if (/^[&#$%^_]$/.test(token)) throw new SyntaxError(`${token} is not expected.`);
  if ("()[]|".includes(token)) return { node: fence(token, false) };
  return { node: mo(token === "-" ? "−" : token === "*" ? "∗" : token) };
}

function command(reader: TexReader, name: string, isDisplayed: boolean): Atom {
  const symbol = symbolOf(name, isDisplayed);
  if (symbol) return symbol;
  if (isAlphabet(name)) return { node: mi(inAlphabet(name, reader.next === "{" ? reader.words() : reader.take())) };
  return structure(reader, name, isDisplayed);
}

function structure(reader: TexReader, name: string, isDisplayed: boolean): Atom {
  const accent = accents.get(name);
  const below = marksBelow.get(name);
  const read = (display = isDisplayed) => argument(reader, display);
  if (accent) return { node: h("mover", { accent: "true" }, read(), mo(accent)), above: name === "overbrace" };
  if (below) return { node: h("munder", { accentunder: "true" }, read(), mo(below)), above: name === "underbrace" };
  switch (name) {
    case "frac":
    case "dfrac":
    case "tfrac":
    case "cfrac":
      return { node: h("mfrac", {}, read(false), read(false)) };
    case "binom":
      return { node: row([fence("("), h("mfrac", { linethickness: "0" }, read(false), read(false)), fence(")")]) };
    case "sqrt": {
      const degree = reader.option();
      const root = degree === undefined ? undefined : row(atoms(new TexReader(degree), false));
      return { node: root ? h("mroot", {}, read(), root) : h("msqrt", {}, read()) };
    }
    case "text":
    case "textbf":
    case "textit":
    case "textrm":
    case "mbox":
    case "tag":
      return { node: h("mtext", {}, reader.words().replaceAll(/^ | $/g, "\u00a0")) };
    case "mathrm":
    case "operatorname":
    case "operatorname*":
      return { node: h("mi", { mathvariant: "normal" }, reader.words()), above: name.endsWith("*") };
    case "overset":
    case "stackrel":
      return { node: h("mover", {}, ...[read(false), read()].reverse()) };
    case "underset":
      return { node: h("munder", {}, ...[read(false), read()].reverse()) };
    case "boxed":
      return { node: h("mrow", { class: "boxed" }, read()) };
    case "not":
      return { node: negated(argument(reader, false)) };
    case "pmod":
      return { node: row([mo("("), mi("mod"), h("mspace", { width: "0.3em" }), read(), mo(")")]) };
    case "bmod":
      return { node: mo("mod") };
    case "left":
      return { node: fenced(reader, isDisplayed) };
    case "begin":
      return { node: environment(reader, isDisplayed) };
    default:
      throw new SyntaxError(`\\${name} is not known.`);
  }
}

function negated(node: VNode): VNode {
  const { children } = node.props;
  return mo(`${typeof children === "string" ? children : ""}\u0338`);
}

/** A bracket as written after `\left`. A dot means no bracket. */
function bracket(reader: TexReader): string {
  const token = reader.take();
  if (token === ".") return "";
  if (!token.startsWith("\\")) return token;
  const sign = operators.get(token.slice(1)) ?? (token === "\\|" ? "‖" : /^\\[{}]$/.test(token) ? token[1] : undefined);
  if (!sign) throw new SyntaxError(`${token} is no bracket.`);
  return sign;
}

function fenced(reader: TexReader, isDisplayed: boolean): VNode {
  return reader.nested(() => {
    const nodes = [fence(bracket(reader))];
    while (true) {
      nodes.push(...atoms(reader, isDisplayed, ["\\right", "\\middle"]));
      const isEnd = reader.take() === "\\right";
      nodes.push(fence(bracket(reader)));
      if (isEnd) return h("mrow", {}, nodes);
    }
  });
}

function environment(reader: TexReader, isDisplayed: boolean): VNode {
  return reader.nested(() => {
    const name = reader.words().replace("*", "");
    const [open, close] = environments[name] ?? [];
    if (open === undefined || close === undefined) throw new SyntaxError(`${name} is not known.`);
    if (name === "array" || name === "alignedat") reader.words();
    const isText = /align|split|gather|cases|equation/.test(name);
    const rows = lines(reader, "\\end", isText && isDisplayed);
    reader.expect("\\end");
    reader.words();
    const cells = table(rows, name === "cases" ? "left" : isText ? "pairs" : "center");
    return h("mrow", {}, ...(open ? [fence(open)] : []), cells, ...(close ? [fence(close)] : []));
  });
}
