import type { Page } from "playwright-core";
import { expect } from "vitest";

import { gate, type openExample } from "./support.ts";

export type Opened = Awaited<ReturnType<typeof openExample>>;

export const isAnswer = ({ structured }: { structured?: unknown }) => !structured;

/** The messages on screen. */
export const texts = (page: Page) => page.locator(".question, [data-role=assistant] .text").allTextContents();
export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
export const shows = (page: Page, ...messages: string[]) => expect.poll(() => texts(page)).toEqual(messages);

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

/** Resolves when each of the pages shows what the server has, once, and nothing is being written. */
export async function settled({ server, page }: Opened, ...others: Page[]): Promise<string[]> {
  const id = await page.evaluate(() => localStorage.getItem("conversation"));
  await using client = await server.connect();
  const conversation = await client.join(id ?? "");
  const kept = async () => {
    const { response } = await conversation.push("get_history", { limit: 200 });
    return response.turns.flatMap(({ query, response: answer }) => [query, answer]);
  };
  for (const each of [page, ...others]) {
    await button(each, "Stop").waitFor({ state: "detached" });
    await expect.poll(async () => JSON.stringify(await texts(each)) === JSON.stringify(await kept())).toBe(true);
  }
  return await kept();
}

/** Asks, and holds the answer after two of its three pieces. */
export async function halfAnswered({ page, model }: Opened) {
  const tokens = gate();
  model.nextFor(isAnswer, { chunks: ["one", " two", " three"], gate: tokens });
  await say(page, "Count!");
  tokens.release(2);
  await shows(page, "Count!", "one two");
  return tokens;
}

/** Asks once more, and holds the answer after the first of its two pieces. */
export async function halfAgain({ page, model }: Opened, asking = page): Promise<void> {
  const tokens = gate();
  tokens.release();
  model.nextFor(isAnswer, { chunks: ["four", " five"], gate: tokens });
  await say(asking, "Again!");
  await expect.poll(async () => (await texts(asking)).at(-1)).toBe("four");
}
