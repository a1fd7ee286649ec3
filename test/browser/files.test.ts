import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected, beside, stage } = onStage({
  RATE_LIMIT_CONNECTIONS: "0",
  RATE_LIMIT_MESSAGES: "0",
  MESSAGE_MAX_CHARS: "2000",
});

/** A red pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==",
  "base64",
);
const notes = { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes\n\nThe canary sings.\n") };
const dot = { name: "dot.png", mimeType: "image/png", buffer: png };

const chips = (page: Page) => page.locator("#attached .file .name").allTextContents();
const asked = () => JSON.stringify(stage.server.model.requests.at(-1)?.body);

/** Gives files to a handler of the page, as a drop or a paste of the user does. */
async function give(
  page: Page,
  kind: "drop" | "paste",
  files: { name: string; text: string }[],
  text = "",
): Promise<void> {
  const data = await page.evaluateHandle(
    ({ given, plain }) => {
      const transfer = new DataTransfer();
      for (const { name, text: content } of given) transfer.items.add(new File([content], name));
      if (plain) transfer.setData("text/plain", plain);
      return transfer;
    },
    { given: files, plain: text },
  );
  if (kind === "drop") {
    await page.dispatchEvent("body", "dragover", { dataTransfer: data });
    await page.locator("#drop-target").waitFor();
    await page.dispatchEvent("body", "drop", { dataTransfer: data });
    await page.locator("#drop-target").waitFor({ state: "detached" });
    return;
  }
  await page.locator("#message").evaluate((field, clipboardData) => {
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, data);
}

describe.each([
  { what: "on a desktop", viewport: { width: 1100, height: 850 } },
  { what: "on a phone", viewport: { width: 360, height: 740 } },
])("files $what", ({ viewport }) => {
  it("are attached with the button, sent with the message, and shown with it on every device and after a reload", async () => {
    const device = await connected(undefined, { viewport });
    const { page, over } = device;
    const second = await beside(device);
    await page.locator("#files").setInputFiles([notes, dot]);
    await expect.poll(() => chips(page)).toEqual(["notes.md", "dot.png"]);
    await page.locator("#attached img.thumbnail").waitFor();
    stage.server.model.next("A red dot.");
    await page.selectOption("#engine", "simple");
    await page.fill("#message", "What is this?");
    await page.click("#send");
    await over(1);
    await expect.poll(() => chips(page)).toEqual([]);
    expect(asked()).toContain("The canary sings.");
    expect(asked()).toContain("data:image/png;base64,");
    const names = (where: Page) => where.locator(".of-question .name").allTextContents();
    await expect.poll(() => names(page)).toEqual(["notes.md", "dot.png"]);
    await expect.poll(() => names(second.page)).toEqual(["notes.md", "dot.png"]);
    await page.reload();
    await expect.poll(() => names(page)).toEqual(["notes.md", "dot.png"]);
    await page.locator(".of-question img.thumbnail").waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(viewport.width);
  });
});

it("files are attached by dropping and pasting, and removed", async () => {
  const { page } = await connected();
  await give(page, "drop", [{ name: "dropped.txt", text: "one" }]);
  await expect.poll(() => chips(page)).toEqual(["dropped.txt"]);
  await give(page, "paste", [{ name: "pasted.txt", text: "two" }]);
  await expect.poll(() => chips(page)).toEqual(["dropped.txt", "pasted.txt"]);
  await page.getByRole("button", { name: "Remove dropped.txt" }).click();
  await expect.poll(() => chips(page)).toEqual(["pasted.txt"]);
});

it("a pasted text that is too long for a message becomes a file, and the page says so", async () => {
  const { page, over } = await connected();
  await give(page, "paste", [], "long ".repeat(500));
  await expect.poll(() => chips(page)).toEqual(["Pasted text.txt"]);
  expect(await page.locator("#notice").textContent()).toContain("2,000 characters");
  stage.server.model.next("A long text.");
  await page.selectOption("#engine", "simple");
  await page.press("#message", "Enter"); // without a text of its own
  await over(1);
  expect(asked()).toContain("long long long");
});

it("a file that the server refuses is not attached, and the page says why", async () => {
  const { page } = await connected();
  await page
    .locator("#files")
    .setInputFiles({ name: "movie.mp4", mimeType: "video/mp4", buffer: Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0") });
  await expect.poll(() => page.locator("#notice").textContent()).toContain("movie.mp4");
  await expect.poll(() => chips(page)).toEqual([]);
});

it("attached files are kept over a reload, and belong to their conversation", async () => {
  const { page } = await connected();
  await page.locator("#files").setInputFiles(notes);
  await expect.poll(() => page.locator('#attached .file[aria-busy="false"]').count()).toBe(1);
  await page.reload();
  await expect.poll(() => chips(page)).toEqual(["notes.md"]);
  const first = page.url();
  await page.click("#new-conversation");
  await expect.poll(() => page.url()).not.toBe(first);
  await expect.poll(() => chips(page)).toEqual([]);
  await page.goBack();
  await expect.poll(() => chips(page)).toEqual(["notes.md"]);
});

it("a file of a question is saved with a click", async () => {
  const { page, over } = await connected();
  await page.locator("#files").setInputFiles(notes);
  stage.server.model.next("Notes.");
  await page.selectOption("#engine", "simple");
  await page.fill("#message", "What is in it?");
  await page.click("#send");
  await over(1);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /notes\.md/ }).click();
  expect((await download).suggestedFilename()).toBe("notes.md");
});
