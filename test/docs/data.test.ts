import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

import { DatasetLine } from "../../evals/dataset.ts";
import { parsePrompt } from "../../graphs/prompt.ts";
import { config } from "../../src/config.ts";
import { snippets } from "./snippets.ts";

const isForMcp = ({ code }: { code: string }) => code.includes("mcpServers");

it.each(snippets("json").filter((snippet) => !isForMcp(snippet)))("$name: is a line of a dataset", ({ code }) => {
  for (const line of code.split("\n")) expect(DatasetLine.safeParse(JSON.parse(line)).error).toBeUndefined();
});

it.each(snippets("json").filter(isForMcp))("$name: is a file for MCP_SERVERS", ({ code }) => {
  const folder = mkdtempSync(join(tmpdir(), "mcp-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "mcp.json"), code);
  expect(config({ MCP_SERVERS: join(folder, "mcp.json") }).MCP_SERVERS).toHaveLength(2);
});

it.each(snippets("md"))("$name: is a sound prompt file", ({ code }) => {
  expect(parsePrompt("example", code, []).template.join("")).not.toBe("");
});
