import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { editEnvFile, withSettings } from "../../src/settings/edit-env-file.ts";
import { assignments } from "../../src/settings/env-file.ts";

const accepted = () => {};

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "env-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** No quote that is open in the text meets another one in the value. */
function isClosed(before: string, value: string): boolean {
  return !(before.includes('E="open') && value.includes('"')) && !(/^F=/m.test(before) && /["'`]/.test(before + value));
}

describe("settings that are written to an .env file", () => {
  it.each([
    ["into an empty text", "", { A: "1" }, "A=1\n"],
    ["behind the last line", "B=2", { A: "1" }, "B=2\nA=1\n"],
    ["in the place of the value, before its comment", "A=old # why\nB=2\n", { A: "new" }, "A=new # why\nB=2\n"],
    ["behind export and spaces", "export A = 'old'\n", { A: "new" }, "export A =new\n"],
    ["in the place of a value of several lines", 'A="one\ntwo"\nB="b"\n', { A: "x" }, 'A=x\nB="b"\n'],
    ["where the setting counts, which is the last place", "A=1\nA=2\n", { A: "3" }, "A=1\nA=3\n"],
    ["with the line ends of the file", "A=1\r\n# c\r\nB='x y'\r\n", { A: "2" }, "A=2\r\n# c\r\nB='x y'\r\n"],
    ["not as a comment", "# A=1\n", { A: "2" }, "# A=1\nA=2\n"],
    ["without a value only where there was one", "A=1\n", { A: "", B: "" }, "A=\n"],
    ["with quotes where they are needed", "", { A: "a b", B: "it's #1" }, "A='a b'\nB=`it's #1`\n"],
    ["not at all if they are the same", 'A="1"  # kept\n', { A: "1" }, 'A="1"  # kept\n'],
  ])("%s", (_where, before, changes, after) => {
    expect(withSettings(before, changes)).toBe(after);
  });

  it("are read as they were written, and all others as before", () => {
    const value = fc
      .string({ unit: fc.constantFrom(..."ab1 =#'`\"/:.-_$".split("")), maxLength: 12 })
      .map((text) => text.trim());
    const line = fc.oneof(
      fc.constantFrom("", "# A=1", "B=2", "export C='x y'", 'D="a\nb"', "A=old # c", 'A="q"', "A=", 'E="open'),
      value.map((text) => `F=${text}`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), value, (lines, wanted) => {
        const before = lines.join("\n");
        fc.pre(isClosed(before, wanted));
        const after = assignments(withSettings(before, { A: wanted }));
        expect(after).toEqual({ ...assignments(before), ...((wanted || "A" in assignments(before)) && { A: wanted }) });
      }),
    );
  });

  it("are refused if a quote in the file is not closed and would take them in", () => {
    expect(() => withSettings('E="open', { A: 'a"' })).toThrow("A line has a quote that is not closed");
    expect(withSettings('E="open', { A: "a" })).toBe('E="open\nA=a\n');
  });

  it("make a file that only its owner can read, and keep the mode and the link of one that is there", () => {
    const folder = emptyFolder();
    const [made, link] = [join(folder, "made"), join(folder, "link")];
    editEnvFile(made, { OPENAI_API_KEY: "sk-1" }, accepted);
    expect((statSync(made).mode & 0o777).toString(8)).toBe("600");
    writeFileSync(join(folder, "real"), "A=1\n", { mode: 0o640 });
    symlinkSync(join(folder, "real"), link);
    editEnvFile(link, { A: "2" }, accepted);
    expect(readFileSync(join(folder, "real"), "utf8")).toBe("A=2\n");
    expect((statSync(join(folder, "real")).mode & 0o777).toString(8)).toBe("640");
    expect(readdirSync(folder).toSorted()).toEqual(["link", "made", "real"]);
  });

  it("are not written if the new text is not valid", () => {
    const file = join(emptyFolder(), ".env");
    writeFileSync(file, "A=1\n");
    const refuse = () => {
      throw new Error("not valid");
    };
    expect(() => editEnvFile(file, { A: "2" }, refuse)).toThrow("not valid");
    expect(readFileSync(file, "utf8")).toBe("A=1\n");
  });
});
