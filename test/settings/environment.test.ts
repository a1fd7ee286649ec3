import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { config } from "../../src/config.ts";
import { environmentWith } from "../../src/settings/environment.ts";
import { langChainSettings } from "../../src/settings/langchain.ts";

const folder = mkdtempSync(join(tmpdir(), "environment-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(text: string): string {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, text);
  return path;
}
const none = join(folder, "none");

it("the environment overrides the .env file", () => {
  const file = fileWith("PORT=1\nMODEL=of-the-file");
  expect(environmentWith(file, { PORT: "2" })).toMatchObject({ PORT: "2", MODEL: "of-the-file" });
});

describe("a secret in a file", () => {
  it.each([
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "LANGSMITH_API_KEY",
    "AUTH_JWT_SECRET",
    "METRICS_TOKEN",
    "DATABASE_URL",
  ])("%s is read from the file that its _FILE setting names", (name) => {
    expect(environmentWith(none, { [`${name}_FILE`]: fileWith("\uFEFFs3cret#+/=\r\n") })[name]).toBe("s3cret#+/=");
  });

  it("may be named in the .env file", () => {
    const file = fileWith(`OPENAI_API_KEY_FILE=${fileWith("sk-1")}`);
    expect(environmentWith(file, {}).OPENAI_API_KEY).toBe("sk-1");
  });

  it.each([
    ["that is not there", "/nowhere/key", "cannot read /nowhere/key: there is no such file"],
    ["that is a folder", folder, `cannot read ${folder}: it is a folder`],
  ])("a file %s stops the start, with the setting's name", (_what, path, problem) => {
    expect(() => environmentWith(none, { OPENAI_API_KEY_FILE: path })).toThrow(`OPENAI_API_KEY_FILE: ${problem}`);
  });

  it("an empty file, and a secret that is set as well, stop the start", () => {
    expect(() => environmentWith(none, { AUTH_JWT_SECRET_FILE: fileWith("\n") })).toThrow(
      /AUTH_JWT_SECRET_FILE: .* is empty/,
    );
    const both = { OPENAI_API_KEY: "sk-1", OPENAI_API_KEY_FILE: fileWith("sk-2") };
    expect(() => environmentWith(none, both)).toThrow(
      "OPENAI_API_KEY_FILE: OPENAI_API_KEY is set, too: use one of them",
    );
  });

  it("settings of other programs that end in _FILE are left alone", () => {
    const others = { SSL_CERT_FILE: "/nowhere", AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere", API_KEYS_FILE: "/nowhere" };
    expect(environmentWith(none, others)).toMatchObject(others);
  });
});

describe("LangChain's tracer", () => {
  const isTraced = (environment: Record<string, string>) => config(langChainSettings(environment)).LANGSMITH_TRACING;

  it.each(["true", "True", "TRUE", "yes", "on", "1", " true "])("is on with LANGSMITH_TRACING=%j", (value) => {
    expect(isTraced({ LANGSMITH_TRACING: value })).toBe(true);
    expect(langChainSettings({ LANGSMITH_TRACING: value }).LANGSMITH_TRACING).toBe("true"); // all that LangChain knows
  });

  it.each(["false", "False", "no", "0", ""])("is off with LANGSMITH_TRACING=%j", (value) => {
    expect(isTraced({ LANGSMITH_TRACING: value })).toBe(false);
  });

  it.each(["LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"])(
    "%s turns it on and off, too",
    (name) => {
      expect(isTraced({ [name]: "True" })).toBe(true);
      expect(isTraced({ [name]: "false" })).toBe(false);
      expect(langChainSettings({ [name]: "true" })[name]).toBeUndefined();
    },
  );

  it("LANGSMITH_TRACING wins over the older switches, which LangChain then does not see", () => {
    const settings = langChainSettings({
      LANGSMITH_TRACING: "0",
      LANGCHAIN_TRACING_V2: "true",
      LANGCHAIN_TRACING: "x",
    });
    expect(settings).toEqual({ LANGSMITH_TRACING: "false", LANGCHAIN_CALLBACKS_BACKGROUND: "false" });
  });

  it("a switch that is neither on nor off stops the start", () => {
    expect(() => langChainSettings({ LANGCHAIN_TRACING_V2: "maybe" })).toThrow(
      'LANGCHAIN_TRACING_V2: expected 1 or 0, got "maybe"',
    );
  });

  it("prints nothing of what users write, even with LANGCHAIN_VERBOSE", () => {
    expect(langChainSettings({ LANGCHAIN_VERBOSE: "true" }).LANGCHAIN_VERBOSE).toBeUndefined();
  });
});
