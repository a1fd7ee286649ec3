import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

import packageJson from "../package.json" with { type: "json" };
import { inherited } from "./support/spawned.ts";

/** The npm scripts that run a program of ours, but `dev`, which Node starts again when a file changes. */
const scripts = Object.entries(packageJson.scripts).filter(
  ([name, script]) => script.startsWith("node ") && name !== "dev",
);

async function run(script: string, ...words: string[]) {
  const [, ...args] = script.split(" ");
  const child = spawn(process.execPath, [...args, ...words], { env: { ...inherited(), LOG_LEVEL: "silent" } });
  const [[code], output, problem] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  return { code, output, problem };
}

describe.each(scripts)("npm run %s", (name, script) => {
  it("shows its options with --help", async () => {
    const { code, output, problem } = await run(script, "--help");
    expect({ code, problem }).toEqual({ code: 0, problem: "" });
    expect(output).toMatch(/^[A-Z].*\.\n\n {2}npm /);
    expect(output).toContain(`npm ${name === "start" ? "" : "run "}`);
    expect(output).toContain(name);
  });

  it("ends a wrong option with one sentence and exit code 2", async () => {
    const { code, output, problem } = await run(script, "--no-such-option");
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(problem).toBe("Unknown option '--no-such-option'; --help shows what there is.\n");
  });
});

it.each([
  ["start", ["word"], "Unexpected argument 'word'"],
  ["chat", [], "An API key is needed"],
  ["chat", ["--url"], "Option '--url <value>' argument missing"],
  ["replay", ["--last", "many"], '--last: expected a number, got "many"'],
  ["dataset", [], "Name one turn, or use --last"],
  ["eval", ["--at-once", "0"], "--at-once: expected a whole number"],
  ["bench", ["--rounds", "none"], "--rounds expects a number"],
] as const)("npm run %s with %j ends with one sentence and exit code 2", async (name, words, sentence) => {
  const { code, problem } = await run(packageJson.scripts[name], ...words);
  expect(code).toBe(2);
  expect(problem).toContain(sentence);
  expect(problem.trim()).not.toContain("\n");
});
