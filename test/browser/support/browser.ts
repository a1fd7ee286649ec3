import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { test } from "vitest";

export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** With one browser for all files: the installed Chromium, or the one at CHROMIUM. */
export const it = test.extend(
  "browser",
  { scope: "worker" },
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs.
  async ({}, { onCleanup }) => {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    const browser = await chromium.launch({ executablePath, args: flags });
    onCleanup(() => browser.close());
    return browser;
  },
);

/** Closes every page that is still open. */
export async function closeAll(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()));
}

export interface DeviceOptions extends BrowserContextOptions {
  /** Runs before the page is opened. */
  prepare?: (context: BrowserContext) => Promise<void>;
}

/** How many times slower than this machine the pages run, such as `CPU_SLOWDOWN=6 npm run test:browser`: it shows what a test does not wait for. */
const slowdown = Number(process.env.CPU_SLOWDOWN ?? 1);

/** Opens the page in a new browser context. `alarms` collects what must never happen: errors, dialogs, foreign requests. */
export async function device(browser: Browser, url: string, { prepare, ...options }: DeviceOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 850 }, ...options });
  await prepare?.(context);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (slowdown > 1) await slowDown(page);
  const alarms: string[] = [];
  page.on("pageerror", (error) => alarms.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    alarms.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/i.test(message.text())) alarms.push(message.text());
  });
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== new URL(url).origin && !request.url().startsWith("data:")) alarms.push(`request: ${request.url()}`);
  });
  page.on("popup", (popup) => alarms.push(`popup: ${popup.url()}`));
  await page.goto(url);
  return { page, context, alarms, ...gestures(page) };
}

/** Resolves after the next frame, and the effects that follow it. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(() => setTimeout(resolve)))),
  );
}

async function slowDown(page: Page): Promise<void> {
  if (page.context().browser()?.browserType() !== chromium) return;
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
}

export type Device = Awaited<ReturnType<typeof device>>;

/** Actions on the page. */
function gestures(page: Page) {
  const last = page.locator(".turn").last();
  return {
    last,
    answer: last.locator(".answer"),
    connected: () => page.locator('#connection[data-state="connected"]').waitFor(),
    async say(content: string, engine = ""): Promise<void> {
      await page.selectOption("#engine", engine);
      await page.fill("#message", content);
      await page.press("#message", "Enter");
    },
    /** Resolves when this many turns have finished, and the page has shown it. */
    async over(turns: number): Promise<void> {
      await page
        .locator('.turn[aria-busy="false"]')
        .nth(turns - 1)
        .waitFor();
      await painted(page);
    },
    button: (name: string) => last.getByRole("button", { name, exact: true }),
    questions: () => page.locator(".turn .question").allTextContents(),
    async openDetails(): Promise<void> {
      for (const summary of await last.locator("summary").all()) await summary.click();
    },
  };
}
