// biome-ignore-all lint/suspicious/noTemplateCurlyInString: The texts are source code.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "amaro";
import { describe, expect, it, onTestFinished } from "vitest";

import { compactScripts } from "../src/http/compact-scripts.ts";
import { withoutIndentation } from "../src/http/indentation.ts";

async function served(source: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "scripts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "part.ts"), source);
  return compactScripts()(join(folder, "part.ts"));
}

describe("a script of the page", () => {
  it("is served without types, comments and indentation", async () => {
    const code = await served(
      "/** Doubles. */\nexport function twice(x: number): number {\n  return 2 * x; // really\n}\n",
    );
    expect(code).toBe("export function twice(x) {\nreturn 2 * x;\n}\n");
  });

  const plain = globSync("playground/**/*.ts").filter((file) => !readFileSync(file, "utf8").includes("html`"));
  it.each(plain)("%s is the same program without its indentation", async (file) => {
    const written = (code: string) => transformSync(code, { mode: "transform" }).code;
    expect(written(await compactScripts()(file))).toBe(written(readFileSync(file, "utf8")));
  });
});

describe("withoutIndentation", () => {
  it.each([
    ["html`<p>\n  ${b ? html`<b>\n  ${c}</b>` : ''}\n</p>`;", "html`<p>\n${b ? html`<b>\n${c}</b>` : ''}\n</p>`;"],
    ["  a;\n  `b\n  c`;\n  d;", "  a;\n`b\n  c`;\nd;"],
    ["html`a\n  ${`b\n  c`}\n  d`", "html`a\n${`b\n  c`}\nd`"],
    ["`a\n  ${{\n  x: '}' }.x}\n  b`", "`a\n  ${{\nx: '}' }.x}\n  b`"],
    ["x = /[`/]\\/`/;\n  y = `a\n  b`;", "x = /[`/]\\/`/;\ny = `a\n  b`;"],
    ["x = a / 2; y = '`' + \"`\";\n  z / 3", "x = a / 2; y = '`' + \"`\";\nz / 3"],
    ["f((a)=>/`/.test(a));\n  g`\n  h`", "f((a)=>/`/.test(a));\ng`\n  h`"],
    ["`\\`\n  `;\n  a", "`\\`\n  `;\na"],
  ])("%j", (code, expected) => {
    expect(withoutIndentation(code)).toBe(expected);
  });
});
