import { Marked } from "marked";
import { describe, expect, it } from "vitest";

import { FormulaLexer, formulas } from "../../playground/markdown/formulas.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

/** What is shown of an answer: its text with the formulas as they were written, and what is set in italics or bold. */
async function shown(written: string) {
  const { say, over, answer } = await connected();
  stage.server.model.next(written);
  await say("Math", "simple");
  await over(1);
  await answer.evaluate((root) => {
    for (const formula of root.querySelectorAll<HTMLElement>(".formula"))
      formula.textContent = formula.dataset.tex ?? "";
  });
  return {
    text: (await answer.innerText()).trim(),
    emphasised: await answer.locator("em, strong").allTextContents(),
    formulas: await answer.locator(".formula").allTextContents(),
    parts: await answer.locator(".block > *").evaluateAll((nodes) => nodes.map(({ tagName }) => tagName)),
  };
}

describe("formulas are found", () => {
  it.for([
    ["in round brackets", "Inline \\(a_1 * b_1 * c\\) here"],
    ["in square brackets", "Then \\[ \\frac{a}{b} \\] follows"],
    ["in two dollar signs", "So $$x_1 * y_1 * z_1$$ it is"],
    ["in one dollar sign", "With $a_1*b_1*c_1$ and $\\alpha$ too"],
    ["with a comparison", "If \\(a<b&c>d\\), stop"],
    ["one after the other", "\\(a_1*b\\)\\(c_1*d\\) $$e_1*f$$"],
    ["with escaped brackets of its own", "Rows \\[ a \\\\[2pt] b_1*c*d \\] end"],
  ])("%s", async ([, written]) => {
    const { text, emphasised } = await shown(written as string);
    expect(text).toBe(written);
    expect(emphasised).toEqual([]);
  });

  it("on lines of their own, whatever the lines begin with", async () => {
    const sum = "\\[\na_1\n+ b_1 \\\\[2pt]\n- c*d*e\n# f\n\\]";
    const double = "$$\n> x_1\n1. y\n$$";
    const { formulas, parts } = await shown(`The sum:\n${sum}\nand\n\n${double}\n\nEnd.`);
    expect(formulas).toEqual([sum, double]);
    expect(parts).toEqual(["P", "P", "P", "P", "P"]);
  });

  it("in lists, quotes, tables and headings", async () => {
    const { formulas } = await shown(
      [
        "# On \\(h_1*i*j\\)",
        "1. One:\n   \\[\n   - a_1\n   - b*c*d\n   \\]\n2. Two $$e_1*f*g$$",
        "> \\(q_1*r*s\\)",
        "| a |\n|---|\n| \\(t_1*u*v\\) |",
      ].join("\n\n"),
    );
    expect(formulas).toEqual([
      "\\(h_1*i*j\\)",
      "\\[\n- a_1\n- b*c*d\n\\]",
      "$$e_1*f*g$$",
      "\\(q_1*r*s\\)",
      "\\(t_1*u*v\\)",
    ]);
  });

  it("inside of bold and italic words", async () => {
    const { emphasised, formulas } = await shown("**Energy \\(a**b\\)** and *speed $$c*d$$ now*");
    expect(emphasised).toEqual(["Energy \\(a**b\\)", "speed $$c*d$$ now"]);
    expect(formulas).toEqual(["\\(a**b\\)", "$$c*d$$"]);
  });
});

/** The MathML of an answer's formulas, without attributes. */
async function math(written: string) {
  const { say, over, answer } = await connected();
  stage.server.model.next(written);
  await say("Math", "simple");
  await over(1);
  await answer.locator("math").first().waitFor();
  const found = await answer.locator(".formula").evaluateAll((all) =>
    all.map((formula) => {
      const isMath = formula.firstElementChild?.namespaceURI?.endsWith("MathML");
      return isMath ? formula.innerHTML.replace(/<(\w+)[^>]*>/g, "<$1>") : formula.textContent;
    }),
  );
  return { answer, found };
}

describe("formulas are set as MathML", () => {
  it("fractions, roots, sums, matrices and cases", async () => {
    const { answer, found } = await math(
      [
        "\\(\\frac{a}{2}\\) and $x_i^2$ and \\(\\sqrt[3]{\\alpha}\\)",
        "$$\\sum_{i=1}^n i \\leq \\left(\\frac{1}{2}\\right)$$",
        "\\[ \\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix} \\]",
        "\\[ f(x) = \\begin{cases} 1 & \\text{if } x \\in \\mathbb{R} \\\\ 0 \\end{cases} \\]",
      ].join("\n\n"),
    );
    expect(found).toEqual([
      "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>",
      "<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>",
      "<math><mroot><mi>α</mi><mn>3</mn></mroot></math>",
      "<math><mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi><mo>≤</mo><mrow><mo>(</mo><mfrac><mn>1</mn><mn>2</mn></mfrac><mo>)</mo></mrow></mrow></math>",
      "<math><mrow><mo>(</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable><mo>)</mo></mrow></math>",
      "<math><mrow><mi>f</mi><mo>(</mo><mi>x</mi><mo>)</mo><mo>=</mo><mrow><mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mtext>if&nbsp;</mtext><mi>x</mi><mo>∈</mo><mi>ℝ</mi></mtd></mtr><mtr><mtd><mn>0</mn></mtd></mtr></mtable></mrow></mrow></math>",
    ]);
    await expect.poll(() => answer.locator('math[display="block"]').count()).toBe(3);
  });

  it("what is not known is shown as it was written, beside what is", async () => {
    const { found } = await math("\\(a\\) but \\(\\tikz{x}\\) and \\(\\frac{a\\) and \\(<img src=x>\\)");
    expect(found.slice(0, 3)).toEqual(["<math><mi>a</mi></math>", "\\(\\tikz{x}\\)", "\\(\\frac{a\\)"]);
    expect(found[3]).toMatch(/^<math><mrow><mo>&lt;<\/mo><mi>i<\/mi>/);
  });
});

describe("what is no formula stays Markdown", () => {
  it.for([
    ["prices", "It costs $5 or *maybe* $6, in US$ *only*", "It costs $5 or maybe $6, in US$ only", ["maybe", "only"]],
    ["variables", "Set $HOME_DIR or *maybe* $PATH_X", "Set $HOME_DIR or maybe $PATH_X", ["maybe"]],
    ["code", "Use `\\(` and `\\)` *here*", "Use \\( and \\) here", ["here"]],
    ["escapes", "\\*not em\\* \\# \\_x\\_ and *em*", "*not em* # _x_ and em", ["em"]],
    ["an open bracket", "Escape \\( as in *sed*", "Escape ( as in sed", ["sed"]],
  ] as const)("%s", async ([, written, text, emphasised]) => {
    expect(await shown(written)).toMatchObject({ text, emphasised, formulas: [] });
  });

  it("the address of a link, and a code block", async () => {
    const { say, over, answer } = await connected();
    stage.server.model.next("[A](https://en.wikipedia.test/A_\\(b\\))\n\n```tex\n\\[ a*b \\]\n```");
    await say("Math", "simple");
    await over(1);
    await expect.poll(() => answer.locator("a").getAttribute("href")).toBe("https://en.wikipedia.test/A_(b)");
    expect(await answer.locator("pre code").textContent()).toBe("\\[ a*b \\]\n");
    expect(await answer.locator(".formula").count()).toBe(0);
  });
});

/** The milliseconds of CPU that a text of this length takes, made of one piece again and again. */
function parseCost(piece: string, length: number): number {
  const text = piece.repeat(length / piece.length);
  const lexer = new FormulaLexer(new Marked(formulas).defaults);
  const before = process.cpuUsage();
  lexer.lex(text);
  return process.cpuUsage(before).user / 1_000;
}

it.each(
  ["\\(", "\\[", "\\[\n", "a\n\\[ b\n", "a\n\\[b\\]\n", "**\\(a*b\\) ", "\\( \\[ $$ $a_ "].concat(
    "$$",
    "$",
    "$a",
    "$a_ ",
    "$$\nb\n",
    "a\n$$b$$\n",
    "*a* $",
  ),
)("formulas among %j are found in linear time", (piece) => {
  const cost = parseCost(piece, 80_000);
  expect(cost < 1_000 || cost < 10 * parseCost(piece, 20_000)).toBe(true);
});
