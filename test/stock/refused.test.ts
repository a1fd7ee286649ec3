import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

import { stock } from "../../graphs/stock.ts";
import { some } from "../support/size.ts";
import { inherited } from "../support/spawned.ts";
import { projectWith } from "./engines.ts";

const source = `
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent } from "langchain";

import { model } from "./model.ts";

export const agent = createAgent({ model: model(), tools: [] });
export const graph = new StateGraph(MessagesAnnotation).addNode("node", () => ({})).addEdge(START, "node").compile();
`;

/** What the server prints when it does not start. */
function startWith(graph: string): string {
  using project = projectWith(source, { added: graph });
  const { status, stderr } = spawnSync(process.execPath, ["src/main.ts"], {
    cwd: project.folder,
    env: { ...inherited(), PORT: "0", DATABASE_URL: `sqlite:${project.folder}/data/test.db` },
    timeout: 30_000,
    encoding: "utf8",
  });
  expect(status).not.toBe(0);
  return stderr;
}

describe("a graph in the registry that is not an engine", () => {
  it.each(some(["added.agent", "added.graph"]))(
    "%s without stock() is refused at start, by a sentence that names both",
    (graph) => {
      const words = startWith(graph);
      expect(words).toContain('"added"');
      expect(words).toContain("stock(");
    },
  );

  it("what is no graph at all is refused by stock()", () => {
    const other: unknown = { invoke() {} };
    expect(() => stock(other as Parameters<typeof stock>[0])).toThrow("stock() takes");
  });
});
