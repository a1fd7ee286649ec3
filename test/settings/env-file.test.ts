import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { assignments, envFile } from "../../src/settings/env-file.ts";

const folder = mkdtempSync(join(tmpdir(), "env-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a line of an .env file", () => {
  it.each([
    ["PORT=4000", { PORT: "4000" }],
    ["export PORT=4000", { PORT: "4000" }],
    ["  PORT = 4000  ", { PORT: "4000" }],
    ["MODEL='small model'", { MODEL: "small model" }],
    ["MODEL = `small`", { MODEL: "small" }],
    ['API_KEYS="k-alice=alice,k-bob=bob" # two of them', { API_KEYS: "k-alice=alice,k-bob=bob" }],
    ["API_KEYS=q83v+/3cs==alice", { API_KEYS: "q83v+/3cs==alice" }],
    ["OPENAI_API_KEY=sk#1", { OPENAI_API_KEY: "sk#1" }],
    ["OPENAI_API_KEY=sk # mine", { OPENAI_API_KEY: "sk" }],
    ["OPENAI_API_KEY='sk # 1'", { OPENAI_API_KEY: "sk # 1" }],
    ["EMPTY=", { EMPTY: "" }],
    ["EMPTY= # nothing", { EMPTY: "" }],
    ["# PORT=4000", {}],
    ["no setting", {}],
    ['NAME="two\\nlines"', { NAME: "two\nlines" }],
    ["NAME=it's", { NAME: "it's" }],
    ["NAME='it", { NAME: "'it" }],
    ['NAME="a" b', { NAME: '"a" b' }],
  ])("%j is read as %j", (line, settings) => {
    expect(assignments(line)).toEqual(settings);
  });

  it("a quote that is never closed ends with its line", () => {
    expect(assignments('A="open\nB="b"\nC=c')).toEqual({ A: '"open', B: "b", C: "c" });
  });

  it("a quoted value may have several lines, and the last of two lines with a name counts", () => {
    expect(assignments('A="one\ntwo" # comment\nB=1\nB=2')).toEqual({ A: "one\ntwo", B: "2" });
  });

  it("line endings of Windows are no part of a value", () => {
    expect(assignments('A=1\r\nB="2"\r\n\r\nC=3 # c\r\n')).toEqual({ A: "1", B: "2", C: "3" });
  });
});

describe("an .env file", () => {
  it.each([
    ["UTF-8", Buffer.from("PORT=1\nMODEL=ü\n")],
    ["UTF-8 with a byte order mark", Buffer.from("\uFEFFPORT=1\r\nMODEL=ü\r\n")],
    ["UTF-16, as PowerShell writes it", Buffer.from("\uFEFFPORT=1\r\nMODEL=ü\r\n", "utf16le")],
  ])("may be %s", (_encoding, bytes) => {
    const path = join(folder, ".env");
    writeFileSync(path, bytes);
    expect(envFile(path)).toEqual({ PORT: "1", MODEL: "ü" });
  });

  it("that is not there has no settings", () => {
    expect(envFile(join(folder, "none"))).toEqual({});
  });

  it("that is a folder is an error of one line that names it", () => {
    const path = join(folder, "folder");
    mkdirSync(path);
    expect(() => envFile(path)).toThrow(/^\S*folder cannot be read: it is a folder\. Docker makes a folder .*\.$/);
  });
});
