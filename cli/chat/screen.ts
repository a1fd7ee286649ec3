import { styleText } from "node:util";

import type { ConversationListeners, ServerEvents } from "../../packages/client/conversation.ts";

/** Writes answers to `answers` and everything else to `notes`, so that answers can be piped. */
export function screen(answers: NodeJS.WritableStream, notes: NodeJS.WritableStream) {
  let shown = "";
  const note = (text: string) => notes.write(`${styleText("dim", printable(text), { stream: process.stderr })}\n`);
  const problem = (text: string) => notes.write(`${styleText("red", printable(text), { stream: process.stderr })}\n`);

  function show(text: string): void {
    answers.write(printable(text));
    shown += text;
  }

  /** Ends the answer's current line. */
  function breakLine(): void {
    if (shown && !shown.endsWith("\n")) answers.write("\n");
    shown = "";
  }

  const listeners: ConversationListeners = {
    thinking(event) {
      const line = stageLine(event);
      if (line) note(line);
    },
    text({ delta, restart }) {
      if (restart && shown) {
        breakLine();
        note("the answer starts over");
      }
      show(delta);
    },
    tool_call({ stage, tool_name, message }) {
      if (stage === "started") note(`· ${tool_name} …`);
      if (stage === "finished") note(`✓ ${tool_name}`);
      if (stage === "failed") note(`✗ ${tool_name}: ${message}`);
    },
    input_requested() {
      if (shown && !shown.endsWith("\n")) answers.write("\n"); // the question comes next; the answer goes on after it
    },
    response({ response, metadata }) {
      if (!response.startsWith(shown)) breakLine();
      show(response.slice(shown.length));
      breakLine();
      note(factsLine(metadata));
    },
    failed({ message, details }) {
      breakLine();
      problem(`${message} (${details.code})`);
    },
    conversation_reset() {
      breakLine();
      note("new conversation started");
    },
  };
  return { listeners, note, problem };
}

/** Strips control characters, so that a model's answer cannot send escape sequences to the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}

function stageLine({ stage, step, conversation_type, routing }: ServerEvents["thinking"]): string | undefined {
  if (stage === "routed" && routing) {
    const { decided_by, confidence, reason } = routing;
    return `→ ${conversation_type} (${decided_by}, ${Math.round(confidence * 100)} % sure) ${reason}`;
  }
  if (stage === "step_started") return `· ${step} …`;
  if (stage === "step_finished") return `✓ ${step}`;
  return stage === "queued" ? "· waiting for the previous turn" : undefined;
}

function factsLine({
  model_used,
  processing_time,
  usage,
  stopped,
  truncated,
}: ServerEvents["response"]["metadata"]): string {
  const { input_tokens, output_tokens, llm_calls } = usage;
  const seconds = (processing_time / 1000).toFixed(1);
  const marks = `${stopped ? "stopped · " : ""}${truncated ? "cut off by a length limit · " : ""}`;
  return `${marks}${model_used} · ${seconds} s · ${input_tokens} → ${output_tokens} tokens · ${llm_calls} model ${llm_calls === 1 ? "call" : "calls"}\n`;
}
