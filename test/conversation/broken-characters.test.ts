import { describe, expect } from "vitest";

import { simple } from "../support/conversation.ts";
import { it } from "../support/fixture.ts";

describe("characters that a model breaks", () => {
  it.for([
    ["split between two pieces come whole", ["a\ud83d", "\ude00b"], "a😀b"],
    ["split between pieces of one half each come whole", ["\ud83d", "\ude00"], "😀"],
    ["without a second half are replaced", ["a\ud83d", "b"], "a\ufffdb"],
    ["without a first half are replaced", ["a", "\ude00b"], "a\ufffdb"],
    ["at the very end are replaced", ["a", "\ud83d"], "a\ufffd"],
  ] as const)("%s", async ([_what, chunks, expected], { model, conversation }) => {
    model.next({ chunks: [...chunks] });
    const { terminal, text } = await conversation.ask("Hi", simple);
    expect(terminal.payload.response).toBe(expected);
    expect(text).toBe(expected);
  });
});
