import { expect, it } from "vitest";

import { start } from "./support/start.ts";

/** What a page, a style sheet or a script names: links, sources, `url(…)`, imports and fetches with a fixed address. */
const named = /(?:(?:href|src)\s*=\s*|url\(|\b(?:from|import)\s*\(?\s*|fetch\()["'`]([\w./-]+)["'`]/g;

it("the page, and everything it names, is found below a path prefix that a proxy strips", async () => {
  await using server = await start();
  const page = new URL("https://host.example/chat/");
  const found = new Set<string>();
  const outside: string[] = [];
  const missing: string[] = [];

  async function visit(url: URL): Promise<void> {
    if (found.has(url.href)) return;
    found.add(url.href);
    if (!url.href.startsWith(page.href)) return void outside.push(url.href);
    const response = await fetch(`${server.http}/${url.href.slice(page.href.length)}`);
    if (!response.ok) return void missing.push(url.href);
    const source = await response.text();
    if (/mermaid\.js|assets\/vendor\//.test(url.pathname)) return; // not ours, and complete
    const isScript = /\.[jt]s$/.test(url.pathname);
    for (const [what, address = ""] of source.matchAll(named)) {
      const isModule = /^(?:from|import)/.test(what);
      await visit(new URL(address, isScript && !isModule ? page : url));
    }
  }

  await visit(page);
  expect({ outside, missing }).toEqual({ outside: [], missing: [] });
  expect(found).toContain("https://host.example/chat/assets/graph/mermaid.js");
  expect(found).toContain("https://host.example/chat/asyncapi.json");
  expect(found.size).toBeGreaterThan(20);
});
