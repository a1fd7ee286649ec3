import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Item } from "../../evals/routing/items.ts";

const root = new URL("../..", import.meta.url).pathname;
const copy = mkdtempSync(join(root, ".router-copy-"));
const data = join(copy, "evals/routing");
const weights = join(copy, "packages/router/weights.json");
const added = join(data, "written-added.jsonl");

afterAll(() => rmSync(copy, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(added, { force: true });
  writeFileSync(weights, "untouched");
});

/** A copy of the training inside the project, so that it finds the same packages, with every eighth line of the data. */
for (const part of ["graphs", "src", "evals/routing"]) cpSync(join(root, part), join(copy, part), { recursive: true });
mkdirSync(join(copy, "packages/router"), { recursive: true });
const left: Item[] = [];
for (const name of readdirSync(data).filter((one) => one.endsWith(".jsonl"))) {
  const lines = readFileSync(join(data, name), "utf8").trim().split("\n");
  writeFileSync(join(data, name), `${lines.filter((_, at) => at % 8 === 0).join("\n")}\n`);
  left.push(...lines.filter((_, at) => at % 8 === 1).map((line) => JSON.parse(line)));
}

function train(...lines: object[]) {
  const file = join(copy, "mine.jsonl");
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["evals/routing/train.ts", "--add", file], {
    cwd: copy,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const openers = left
  .filter(({ source }) => source.startsWith("written openers"))
  .map((item) => ({ ...item, source: "feedback" }));

describe("router:train --add", () => {
  it("ships weights that got no worse, and keeps the lines", () => {
    const { status, stdout } = train(...openers);
    expect(stdout).toMatch(
      /over all judged messages, evenly by kind: \+0\.\d{4} \(95 % interval [+−]0\.\d{4} to \+0\.\d{4}\)/,
    );
    expect(stdout).toMatch(/over the added messages: \+0\.\d{4} \(95 % interval/);
    expect(status).toBe(0);
    expect(JSON.parse(readFileSync(weights, "utf8"))).toHaveProperty("threshold");
    const kept = readFileSync(added, "utf8");
    expect(stdout).toContain(`${kept.trim().split("\n").length} messages to add; `);
    const again = train(...openers);
    expect(again).toMatchObject({
      status: 0,
      stdout: `0 messages to add; ${openers.length} are in the data already.\n`,
    });
    expect(readFileSync(added, "utf8")).toBe(kept);
  });

  it("refuses lines that make the router worse", () => {
    const wrong = openers.map((item) => ({
      ...item,
      label: item.label === "simple" ? "complex" : "simple",
      alt_labels: [],
    }));
    const { status, stdout } = train(...wrong);
    expect(stdout).toMatch(/evenly by kind: −0\.\d{4}/);
    expect(stdout).toContain("The router got worse, so the weights stay as they are.");
    expect(status).toBe(1);
    expect(readFileSync(weights, "utf8")).toBe("untouched");
    expect(existsSync(added)).toBe(false);
  });
});

it("router:train writes the same weights each time", () => {
  const trained = () => {
    execFileSync(process.execPath, ["evals/routing/train.ts"], { cwd: copy });
    return readFileSync(weights, "utf8");
  };
  expect(trained()).toBe(trained());
});
