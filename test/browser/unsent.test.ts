import type { BrowserContext } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";

import { network } from "./support/network.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

describe("a paste that is too long", () => {
  it.for([
    { text: "x".repeat(80_000), what: "a word, for a message", words: /at most 4000|4000/ },
    { text: "some words of a line\n".repeat(4_000), what: "lines, for a message", words: /at most 4000|4000/ },
    { text: "x".repeat(1_200_000), what: "a word, for a frame", words: /too long/ },
  ])("$what, comes back with a word on the limit, and the page stays connected", async ({ text, words }) => {
    const { page, say, over, answer } = await connected();
    const sockets: string[] = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    const states = await page.evaluateHandle(() => {
      const seen: (string | undefined)[] = [];
      const connection = document.querySelector<HTMLElement>("#connection");
      const note = () => seen.push(connection?.dataset.state);
      if (connection) new MutationObserver(note).observe(connection, { attributeFilter: ["data-state"] });
      return seen;
    });
    await say(text, "simple");
    await expect.poll(() => page.locator("#notice").textContent()).toMatch(words);
    expect(await page.inputValue("#message")).toHaveLength(text.trim().length);
    await say("Short", "simple");
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("Answer to: Short");
    expect(sockets).toEqual([]);
    expect(await states.jsonValue()).toEqual([]);
  });
});

describe("a message that was written without a connection", () => {
  async function disconnected() {
    const way = await network(stage.server.http);
    onTestFinished(() => way.close());
    const opened = await connected(`${way.url}/#api_key=key-a`);
    way.down();
    await opened.page.locator('#connection[data-state="lost"]').waitFor();
    return { way, ...opened };
  }

  it("is sent when its conversation was left meanwhile, exactly once", async () => {
    const { way, page, say, over, questions, connected: ready } = await disconnected();
    await say("Unsent?", "simple");
    await page.click("#new-conversation");
    await expect.poll(() => page.locator("#notice").textContent()).toMatch(/another conversation is not sent yet/);
    way.up();
    await ready();
    await stage.server.model.waitForRequest(1);
    await page.goBack();
    await over(1);
    await expect.poll(questions).toEqual(["Unsent?"]);
    expect(stage.server.model.requests).toHaveLength(1);
  });

  it("is shown again when the user comes back to its conversation before it was sent", async () => {
    const { way, page, say, over, questions, answer } = await disconnected();
    await say("Unsent?", "simple");
    await say("And this?", "simple");
    await page.click("#new-conversation");
    await expect.poll(questions).toEqual([]);
    await page.goBack();
    await expect.poll(questions).toEqual(["Unsent?", "And this?"]);
    way.up();
    await over(2);
    await expect.poll(questions).toEqual(["Unsent?", "And this?"]);
    expect(await answer.textContent()).toBe("Answer to: And this?");
  });

  it("comes back into the field of its conversation if it is refused after that was left", async () => {
    const { way, page, say, connected: ready } = await disconnected();
    await say("x".repeat(4001), "simple");
    await page.click("#new-conversation");
    await page.fill("#message", "a draft here");
    way.up();
    await ready();
    expect(await page.inputValue("#message")).toBe("a draft here");
    await page.goBack();
    await expect.poll(() => page.locator("#notice").textContent()).toContain("4000");
    await expect.poll(() => page.inputValue("#message")).toBe("x".repeat(4001));
  });

  it("is shown again when another device starts over", async () => {
    const { way, page, say, over, questions } = await disconnected();
    const url = new URL(page.url());
    const other = await connected(`${stage.server.http}/${url.search}#api_key=key-a`);
    await say("Unsent?", "simple");
    await other.page.click("#start-over");
    way.up();
    await over(1);
    await expect.poll(questions).toEqual(["Unsent?"]);
  });
});

/** Keeps messages from the server while `isHeld`. */
function held() {
  const hold = { isHeld: true };
  const prepare = async (context: BrowserContext) => {
    await context.routeWebSocket(/socket\/websocket/, (page) => {
      const server = page.connectToServer();
      page.onMessage((frame) => {
        if (!hold.isHeld || !/^\["[^"]*","[^"]*","[^"]*","message"/.test(String(frame))) server.send(frame);
      });
    });
  };
  return { hold, prepare };
}

describe("a reload", () => {
  it("sends the messages that were not confirmed, each once", async () => {
    const { hold, prepare } = held();
    const { page, say, over, questions } = await connected(undefined, { prepare });
    await say("Unsent?", "simple");
    await say("And this?", "simple");
    hold.isHeld = false;
    await page.reload();
    await over(2);
    await expect.poll(questions).toEqual(["Unsent?", "And this?"]);
    await page.reload();
    await over(2);
    await expect.poll(questions).toEqual(["Unsent?", "And this?"]);
    expect(stage.server.model.requests).toHaveLength(2);
  });

  it("sends those of other conversations, too", async () => {
    const { hold, prepare } = held();
    const { page, say, over, questions } = await connected(undefined, { prepare });
    const address = page.url();
    await say("Unsent?", "simple");
    await page.click("#new-conversation");
    hold.isHeld = false;
    await page.reload();
    await stage.server.model.waitForRequest(1);
    await page.goto(address);
    await over(1);
    await expect.poll(questions).toEqual(["Unsent?"]);
  });

  it("does not send them with the key of somebody else", async () => {
    const { hold, prepare } = held();
    const { page, say, connected: ready } = await connected(undefined, { prepare });
    await say("Unsent?", "simple");
    hold.isHeld = false;
    await page.goto(`${stage.server.http}/?conversation=other-${Date.now()}#api_key=key-b`);
    await ready();
    await say("Mine", "simple");
    const { user } = await stage.server.model.waitForRequest(1);
    expect(user).toBe("Mine");
  });

  it("keeps what is in the field", async () => {
    const { page, connected: ready } = await connected();
    await page.fill("#message", "half a thou");
    await page.reload();
    await ready();
    await expect.poll(() => page.inputValue("#message")).toBe("half a thou");
  });
});

describe("a draft", () => {
  it("stays with its conversation", async () => {
    const { page, say, over } = await connected();
    await page.fill("#message", "in the first");
    await page.click("#new-conversation");
    await expect.poll(() => page.inputValue("#message")).toBe("");
    await page.fill("#message", "in the second");
    await page.goBack();
    await expect.poll(() => page.inputValue("#message")).toBe("in the first");
    await say("sent", "simple");
    await over(1);
    await page.goForward();
    await expect.poll(() => page.inputValue("#message")).toBe("in the second");
    await page.goBack();
    await expect.poll(() => page.inputValue("#message")).toBe("");
  });

  it("in the editor of a question is kept, too", async () => {
    const { page, say, over, button } = await connected();
    await say("First?", "simple");
    await over(1);
    await button("Edit the question").click();
    await page.getByRole("textbox", { name: "Your question" }).fill("First, but better?");
    await page.click("#new-conversation");
    await page.goBack();
    await expect.poll(() => page.inputValue("#message")).toBe("First, but better?");
  });

  it.for([
    { what: "asks", isStored: false },
    { what: "does not ask", isStored: true },
  ])("the browser $what before the page is left if storage works: $isStored", async ({ isStored }) => {
    const prepare = async (context: BrowserContext) => {
      if (isStored) return;
      await context.addInitScript(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
        };
      });
    };
    const { page } = await connected(undefined, { prepare });
    const mayLeave = () => page.evaluate(() => window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
    expect(await mayLeave()).toBe(true);
    await page.fill("#message", "half a thou");
    await expect.poll(mayLeave).toBe(isStored);
    await page.fill("#message", "");
    await expect.poll(mayLeave).toBe(true);
  });
});
