/*
 * How to test an example. It connects to `import.meta.env.VITE_SOCKET_URL ?? "ws://127.0.0.1:4000/socket"` with the key in
 * `import.meta.env.VITE_API_KEY`. Its package.json has a script `build`; a page without a build step has none, and is
 * served with all of examples/ at /<name>/.
 *
 *   import { expect } from "vitest";
 *   import { it, openExample } from "./support.ts";
 *
 *   it("streams", async ({ browser }) => {
 *     const { page, model, server, network, open } = await openExample(browser, "react");
 *     model.next("An answer");      // the scripted model: next(text), next({ chunks, gate: gate() })
 *     network.down();               // cuts the socket and refuses new ones, until network.up()
 *     const second = await open();  // another tab of the same browser, on the same page
 *   });                             // fails if a page threw or logged an error
 *
 * `server.connect()` is a client of the same user, to compare what is on screen with the server's history.
 */
import type { Browser, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

import { start, unlimited } from "../support/start.ts";
import { build } from "./build.ts";
import { site } from "./site.ts";

export { it } from "../browser/support/browser.ts";
export { gate } from "../support/model-server.ts";

/** What Chromium itself logs while the network is down. */
const networkNoise = /WebSocket connection to .* failed|Failed to load resource: net::ERR_|WebSocket is closed before/;

/** Opens an example with a server of its own. `path` may add a query or a hash to the page's address. */
export async function openExample(browser: Browser, name: string, path = "") {
  const server = await start(unlimited);
  onTestFinished(() => server.close());
  return { ...(await openPages(browser, name, server, path)), server, model: server.model };
}

/** Opens an example with a server that runs. */
export async function openPages(browser: Browser, name: string, server: { http: string }, path = "") {
  const folder = build(name);
  const pages = await site(folder, server.http);
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  const errors: string[] = [];
  const url = `${pages.url}/${folder.endsWith("dist") ? "" : `${name}/`}${path}`;

  async function open(): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      const isNoise = !["error", "warning"].includes(message.type()) || networkNoise.test(message.text());
      if (!isNoise) errors.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  onTestFinished(async () => {
    await context.close();
    await pages.close();
    expect(errors).toEqual([]);
  });
  return { page: await open(), open, context, url, errors, network: pages };
}
