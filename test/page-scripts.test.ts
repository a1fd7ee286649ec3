// biome-ignore-all lint/suspicious/noTemplateCurlyInString: The texts are source code.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { compactScripts } from "../src/http/compact-scripts.ts";
import { splitTemplate } from "../src/http/template-literals.ts";

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
    expect(code).toBe("export function twice(x) {\nreturn 2 * x; // really\n}\n".replace(" // really", ""));
  });

  it("may have html templates of several lines, one in another", async () => {
    const code = await served("const a = html`<p>\n  ${b ? html`<b>\n  ${c}</b>` : ''}\n</p>`;\n");
    expect(code).toBe("const a = html`<p>\n${b ? html`<b>\n${c}</b>` : ''}\n</p>`;\n");
  });

  it("is refused if another template spans several lines", async () => {
    await expect(served("const text = `one\n  two`;\n")).rejects.toThrow(/part\.ts: only html templates.*`one/s);
  });
});

describe("splitTemplate", () => {
  it.each([
    ["html`a ${`b\n c`}`", "`b\n c`"],
    ["html`a ${{ x: '}' }.x} ${`b`}\n`; `c\nd`", "`c\nd`"],
    ["`a ${b} \\` c\n`", "`a ${b} \\` c\n`"],
  ])("finds it in %j", (code, found) => {
    expect(splitTemplate(code)).toContain(found);
  });

  it.each(["html`\n${() => { return `a`; }}\n`", "`a` + `b`;\n`c`", "'`' + \"`\";\n'`'"])(
    "finds none in %j",
    (code) => {
      expect(splitTemplate(code)).toBeUndefined();
    },
  );
});
