import type { Browser } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";

import { type ProjectWithEngines, projectWith } from "../../stock/engines.ts";
import { type ModelServer, startModelServer } from "../../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../../support/spawned.ts";
import { unlimited } from "../../support/start.ts";
import { type Device, type DeviceOptions, device, it } from "./browser.ts";

/** Like `onStage`, with a server of its own that has more engines: see `projectWith`. */
export function onEnginesStage(source: string, graphs: Record<string, string>, settings: Record<string, string> = {}) {
  let browser: Browser;
  let project: ProjectWithEngines;
  let model: ModelServer;
  let server: SpawnedServer;
  it.beforeAll(async ({ browser: shared }) => {
    browser = shared;
    project = projectWith(source, graphs);
    model = await startModelServer();
    const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${project.folder}/data/test.db`, MODEL: "m" };
    server = await spawnServer({ ...env, ...unlimited, ...settings }, project.folder);
  }, 60_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await model?.close();
    project?.[Symbol.dispose]();
  });

  /** Opens the page, by default in a new conversation. The test fails if the device has alarms. */
  async function connected(address?: string, options?: DeviceOptions): Promise<Device> {
    const opened = await device(browser, address ?? `${server.http}/#api_key=key-a`, options);
    onTestFinished(async () => {
      await opened.context.close();
      expect(opened.alarms).toEqual([]);
    });
    await opened.connected();
    return opened;
  }

  return {
    connected,
    /** Opens another device of the same user in the same conversation. */
    beside: ({ page }: Device, options?: DeviceOptions) => connected(`${page.url()}#api_key=key-a`, options),
    stage: {
      get model() {
        return model;
      },
      get server() {
        return server;
      },
    },
  };
}

/** The looks in which a page with agents must be without barriers. */
export const looks: [string, DeviceOptions][] = [
  ["desktop, light", { colorScheme: "light" }],
  ["desktop, dark", { colorScheme: "dark" }],
  ["phone, light", { colorScheme: "light", viewport: { width: 360, height: 740 }, hasTouch: true }],
  ["phone, dark", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true }],
];
