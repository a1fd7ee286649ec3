import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

import packageJson from "../../packages/router/package.json" with { type: "json" };

const folder = mkdtempSync(join(tmpdir(), "router-alone-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = `
import { createRouter, decide } from "./router/router.ts";
const history = [{ role: "user", content: "How do I list files?" }, { role: "assistant", content: "With ls." }];
const billing = { examples: ["where is my invoice for May?", "why was I charged twice?", "change my payment method"] };
const route = createRouter({ engines: { simple: {}, problem_solving: {}, multi_step: {}, billing } });
console.log(JSON.stringify([decide("and the hidden ones?", history), route("where is my invoice for June?")]));
`;

it("the package works alone, wherever it lies", () => {
  cpSync("packages/router", join(folder, "router"), { recursive: true });
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toMatchObject([{ type: "multi_step" }, { type: "billing", sure: true }]);
});

it("the package has no dependencies, and ships its code, weights and types", () => {
  expect(packageJson).not.toHaveProperty("dependencies");
  expect(packageJson.files).toEqual(["*.ts", "signals/*.ts", "weights.json", "README.md"]);
  expect(packageJson.types).toBe("./router.ts");
});
