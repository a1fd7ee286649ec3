import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("the test files that docs/protocol.md names exist", () => {
  const page = readFileSync("docs/protocol.md", "utf8");
  const [, table = ""] = page.split("| cases | tests in `test/phoenix/` |");
  const rows = table.split("\n\n")[0]?.split("\n").slice(2) ?? [];
  const named = rows.flatMap((row) => [...(row.split("|")[2] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !existsSync(`test/phoenix/${name}.test.ts`))).toEqual([]);
});
