#!/usr/bin/env node
/**
 * Starts the Firefox at FIREFOX with the given arguments, behind a relay of its WebDriver BiDi connection: Playwright sets the colour scheme of
 * every context, and gives up on a Firefox that does not know this command yet.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { WebSocket, WebSocketServer } from "ws";

const unknownToFirefox = "emulation.setMediaFeaturesOverride";

const firefox = spawn(process.env.FIREFOX ?? "/usr/bin/firefox-esr", process.argv.slice(2), {
  stdio: ["ignore", "inherit", "pipe"],
});
firefox.on("exit", (code) => process.exit(code ?? 1));
process.on("SIGTERM", () => firefox.kill());

for await (const line of createInterface({ input: firefox.stderr })) {
  const [, address] = /WebDriver BiDi listening on (ws:.*)$/.exec(line) ?? [];
  process.stderr.write(`${address ? `WebDriver BiDi listening on ${await relay(address)}` : line}\n`);
}

/** The address of a relay to the given one. */
async function relay(address: string): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", async (playwright, { url }) => {
    const bidi = new WebSocket(address + url, { perMessageDeflate: false });
    playwright.pause();
    playwright.on("message", (data) => bidi.send(String(data)));
    playwright.on("close", () => firefox.kill());
    bidi.on("message", (data) => playwright.send(withoutUnknown(String(data))));
    bidi.on("close", () => playwright.close());
    await once(bidi, "open");
    playwright.resume();
  });
  await once(server, "listening");
  // A TCP server's address is an object with a port.
  const { port } = server.address() as AddressInfo;
  return `ws://127.0.0.1:${port}`;
}

/** Firefox's message, with success in place of the refusal of the command that it does not know. */
function withoutUnknown(message: string): string {
  if (!message.includes(unknownToFirefox)) return message;
  const { id, type, error } = JSON.parse(message) as { id?: number; type: string; error?: string };
  return type === "error" && error === "unknown command"
    ? JSON.stringify({ type: "success", id, result: {} })
    : message;
}
