import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { codeBlocks } from "../graphs/code-blocks.ts";

const texts = async (markdown: string) => (await codeBlocks(markdown)).map(({ text }) => text);

describe("code blocks in Markdown", () => {
  it.each([
    ["backticks", "```\na\n```", ["a"]],
    ["tildes around backticks", "~~~\n```\n~~~", ["```"]],
    ["a longer fence around a shorter one", "````\n```\n````", ["```"]],
    ["a longer end", "```\na\n`````", ["a"]],
    ["several blocks", "```\na\n```\nand\n```\nb\n```", ["a", "b"]],
    ["no end", "```js\na\n\nb", ["a\n\nb"]],
    ["no end and no line", "```js", [""]],
    ["right behind a paragraph", "So:\n```\na\n```", ["a"]],
    ["up to three blanks before it, which its lines lose", "   ```\n   a\n    b\n c\n  ```", ["a\n b\nc"]],
    ["Windows line endings", "```js\r\na\r\nb\r\n```\r\n", ["a\nb"]],
    ["a list", "- One:\n  ```\n  a\n    b\n  ```\n- two", ["a\n  b"]],
    ["a numbered list, behind a blank line", "10. One:\n\n    ```\n    a\n\n    b\n    ```", ["a\n\nb"]],
    ["lists in lists", "* a\n  1. b\n\n     ```\n     c\n     ```", ["c"]],
    ["a list with tabs", "-\tone\n\n\t```\n\ta\n\t```", ["a"]],
    ["a quote", "> ```\n> a\n>b\n> ```", ["a\nb"]],
    ["a quote in a list in a quote", "> - > ```\n>   > a\n>   > ```", ["a"]],
    ["a quote that ends", "> ```\n> a\nb", ["a"]],
    ["a list that ends", "- ```\n  a\nb", ["a"]],
    ["HTML", "<details>\n```\na\n```\n</details>", ["a"]],
    ["four blanks", "    ```\n    a\n    ```", []],
    ["two backticks", "``\na\n``", []],
    ["code within a line", "```a```\nb", []],
    ["a paragraph's line", "One\n    ```\n    a", []],
    ["an end with words", "```\na\n``` b", ["a\n``` b"]],
    ["an end that is too far in", "```\na\n    ```", ["a\n    ```"]],
    ["a year that is no list", "In\n1985. ```\na", []],
    ["a rule that is no list", "* * *\n  ```\na", ["a"]],
  ])("%s", async (_what, markdown, expected) => expect(await texts(markdown)).toEqual(expected));

  it("tell their language", async () => {
    expect(await codeBlocks("``` js title=a.js \na\n```\n~~~ a`b\n~~~")).toEqual([
      { info: "js title=a.js", text: "a" },
      { info: "a`b", text: "" },
    ]);
  });
});

const word = fc.stringMatching(/^[a-z]{1,5}$/);
const code = fc
  .array(fc.stringMatching(/^[ \t]{0,5}[a-z{}>*`~-]{0,5}[a-z]?$/), { maxLength: 5 })
  .map((lines) => lines.join("\n"));

/** A Markdown text, and the code in it. */
interface Written {
  markdown: string;
  blocks: string[];
}

/** A fence that is longer than any in its code. */
const fenced = fc.tuple(code, word, fc.constantFrom("`", "~"), fc.nat(3)).map(([text, info, mark, indent]): Written => {
  const longest = Math.max(2, ...(text.match(/`+|~+/g) ?? []).map(({ length }) => length));
  const [fence, margin] = [mark.repeat(longest + 1), " ".repeat(indent)];
  const lines = [fence + info, ...text.split("\n"), fence].map((line) => margin + line);
  return { markdown: lines.join("\n"), blocks: [text] };
});

const prose: fc.Arbitrary<Written> = fc
  .constantFrom(
    "words",
    "# Title",
    "***",
    "Title\n===",
    "    code ```",
    "`x` ``y``",
    "| a |\n| - |",
    "[a]: b",
    "two\nlines",
  )
  .map((markdown) => ({ markdown, blocks: [] }));

/** Puts a text into a quote or into a list item. */
function inside(written: Written, marker: string): Written {
  const [first, others] = marker === "> " ? ["> ", "> "] : [marker, " ".repeat(marker.length)];
  const lines = written.markdown.split("\n").map((line, index) => (index === 0 ? first : others) + line);
  return { ...written, markdown: lines.join("\n") };
}

const { document } = fc.letrec<{ document: Written; part: Written }>((tie) => ({
  document: fc.array(tie("part"), { minLength: 1, maxLength: 4 }).map((parts) => ({
    markdown: parts.map(({ markdown }) => markdown).join("\n\n"),
    blocks: parts.flatMap(({ blocks }) => blocks),
  })),
  part: fc.oneof(
    { maxDepth: 4 },
    fenced,
    prose,
    fc
      .tuple(fc.constant("Words.\n\n"), tie("document"), fc.constantFrom("> ", "- ", "+ ", "1. ", "23) "))
      .map(([words, { markdown, blocks }, marker]) => inside({ markdown: words + markdown, blocks }, marker)),
  ),
}));

it("every block that is written into a document, in whatever lists and quotes, is found as it was written", async () => {
  await fc.assert(
    fc.asyncProperty(document, async ({ markdown, blocks }) => {
      expect(await texts(markdown)).toEqual(blocks);
      expect(await texts(markdown.replaceAll("\n", "\r\n"))).toEqual(blocks);
    }),
    { numRuns: 1_000 },
  );
});
