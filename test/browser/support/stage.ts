import type { Browser } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";

import { start } from "../../support/start.ts";
import { type Device, type DeviceOptions, device, it } from "./browser.ts";

/** The test function whose fixture is the browser. */
interface InBrowser {
  beforeAll(setUp: (given: { browser: Browser }) => Promise<void>): void;
}

/** Starts a server for the tests of a file, and the browser of `inBrowser` if there is none. */
export function onStage(
  settings: Record<string, string> = { RATE_LIMIT_CONNECTIONS: "0", RATE_LIMIT_MESSAGES: "0" },
  inBrowser: InBrowser = it,
) {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof start>>;
  inBrowser.beforeAll(async ({ browser: shared }) => {
    browser = shared;
    server = await start(settings);
  });
  afterAll(() => server?.close());

  /** Opens the page at `address`, by default in a new conversation. The test fails if the device has alarms. */
  async function open(address?: string, options?: DeviceOptions): Promise<Device> {
    server.model.reset();
    const opened = await device(browser, address ?? `${server.http}/#api_key=key-a`, options);
    onTestFinished(async () => {
      await opened.context.close();
      expect(opened.alarms).toEqual([]);
    });
    return opened;
  }

  async function connected(address?: string, options?: DeviceOptions): Promise<Device> {
    const opened = await open(address, options);
    await opened.connected();
    return opened;
  }

  return {
    open,
    connected,
    /** Opens another device of the same user in the same conversation. */
    beside: ({ page }: Device) => connected(`${page.url()}#api_key=key-a`),
    stage: {
      get server() {
        return server;
      },
    },
  };
}
