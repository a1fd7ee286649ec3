import { describe, expect } from "vitest";

import { chunk, completion, event, stream } from "../models/reading.ts";
import { simple } from "../support/conversation.ts";
import { it } from "../support/fixture.ts";

const answer = "Trees branch, lists do not.";
const parts = chunk({ content: "Trees branch, " }) + chunk({ content: "lists do not." });
const usage = { prompt_tokens: 21, completion_tokens: 9 };
const headers = { "content-type": "text/event-stream" };

describe("what an unusual model server replies", () => {
  it.for<[string, string, object]>([
    [
      "JSON instead of events is the answer",
      `${JSON.stringify(completion({ content: answer }))}\ndata: [DONE]\n\n`,
      {},
    ],
    ["a whole message behind the deltas is no second answer", parts + event(completion({ content: answer })), {}],
    [
      "the tokens of a choice are counted",
      parts + event({ choices: [{ delta: {}, finish_reason: "stop", usage }] }),
      { usage: { input_tokens: 21, output_tokens: 9, llm_calls: 1 } },
    ],
    ["MAX_TOKENS marks the answer as cut", parts + chunk({}, "MAX_TOKENS"), { truncated: true }],
    [
      "thinking is no part of the answer",
      stream("<think>\nTwo structures.", "\n</think>\n\nTrees branch, ", "lists do not."),
      {},
    ],
  ])("%s", async ([_what, rawBody, metadata], { model, conversation }) => {
    model.next({ rawBody, headers });
    const { text, terminal } = await conversation.ask("How do they differ?", simple);
    expect(terminal).toMatchObject({ event: "response", payload: { response: answer, metadata } });
    expect(text).toBe(answer);
  });

  it("thinking whose opening tag is in the prompt is taken back", async ({ model, conversation }) => {
    const opening = chunk({ content: "They differ.\n" });
    model.next({ rawBody: opening + stream("</think>\n\n", "Trees branch, ", "lists do not."), headers });
    const { terminal } = await conversation.ask("How do they differ?", simple);
    expect(terminal).toMatchObject({ event: "response", payload: { response: answer } });
  });

  it.for<[string, string, string]>([
    [
      "an error beside null choices",
      event({ choices: null, error_type: "BadRequestError", error_message: "canary" }),
      "model_unavailable",
    ],
    ["a content filter", event({ error: { code: "content_filter", message: "canary" } }), "model_refused"],
    ["malformed tool calls", chunk({ tool_calls: "canary" }), "model_unavailable"],
  ])(
    "%s behind half an answer fails the turn, without the server's words",
    async ([_what, error, code], { model, conversation }) => {
      const rawBody = chunk({ content: "Trees" }) + error + event("[DONE]");
      model.answer(() => ({ rawBody, headers }));
      const { terminal } = await conversation.ask("How do they differ?", simple);
      expect(terminal).toMatchObject({ event: "error", payload: { details: { code } } });
      expect(JSON.stringify(terminal)).not.toContain("canary");
    },
  );
});
