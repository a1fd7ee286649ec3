import { expect, it } from "vitest";

import { importMap } from "../src/http/vendored.ts";
import { start } from "./support/start.ts";

const { imports } = JSON.parse(importMap()) as { imports: Record<string, string> };

/** What a page, a style sheet or a script names: links, sources, `url(…)`, imports and fetches with a fixed address. */
const named = /(?:(?:href|src)\s*=\s*|url\(|from\s*|import\s*\(?\s*|fetch\()["']([\w./-]+)["']/g;

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
      const isNamed = isModule && !address.startsWith(".");
      await visit(
        isNamed ? new URL(imports[address] ?? address, page) : new URL(address, isScript && !isModule ? page : url),
      );
    }
  }

  await visit(page);
  expect({ outside, missing }).toEqual({ outside: [], missing: [] });
  expect(found).toContain("https://host.example/chat/assets/graph/mermaid.js");
  expect(found).toContain("https://host.example/chat/asyncapi.json");
  expect(found.size).toBeGreaterThan(60);
  const socket = await (await fetch(`${server.http}/assets/session/socket.ts`)).text();
  expect(socket).toContain('new URL("socket", location.href)');
});
