import { describe, expect } from "vitest";

import { approvalTests } from "./approvals.ts";
import { it, openExample } from "./support.ts";
import { halfAnswered, say, settled, shows } from "./thread-page.ts";
import { threadTests } from "./thread-tests.ts";

describe("useStream in a browser", () => {
  threadTests("langgraph", (page) => page.locator("[data-status=stopped]").waitFor());
  approvalTests("langgraph");

  it("sends what was written while the network was gone, also after a reload", async ({ browser }) => {
    const opened = await openExample(browser, "langgraph");
    await say(opened.page, "First");
    await shows(opened.page, "First", "Answer to: First");
    opened.network.down();
    await opened.page.getByRole("status").waitFor();
    await say(opened.page, "Second");
    await shows(opened.page, "First", "Answer to: First", "Second");
    const asked = opened.page.waitForEvent("requestfailed"); // the client asks why it cannot connect
    await opened.page.reload();
    await asked;
    opened.network.up();
    expect(await settled(opened)).toEqual(["First", "Answer to: First", "Second", "Answer to: Second"]);
  });

  it("answers messages in order that are sent while an answer is written", async ({ browser }) => {
    const opened = await openExample(browser, "langgraph");
    const tokens = await halfAnswered(opened);
    await say(opened.page, "Second");
    tokens.open();
    await shows(opened.page, "Count!", "one two three", "Second", "Answer to: Second");
    expect(await settled(opened)).toHaveLength(4);
  });
});
