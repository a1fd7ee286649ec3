import type { Block, TurnView } from "./values.ts";
import { type Delta, event, type Sent } from "./wire.ts";

/** Writes answers as message events. The SDK assembles one message at a time. */
export class AnswerWriter {
  #open: string | undefined;

  /** What is new since `before`. */
  write(view: TurnView, before: readonly Block[] = []): Sent[] {
    const { blocks, isOver, values } = view;
    if (blocks.length === 0) return [];
    const isOpen = this.#open === values.answer;
    const added = isOpen ? additions(before, blocks) : undefined;
    const events = added ?? start(view);
    this.#open = isOver ? undefined : values.answer;
    return isOver ? [...events, ...finish(view)] : events;
  }

  /** Sends the next answer from its beginning: later versions of the SDK drop what was open when a run starts. */
  startOver(): void {
    this.#open = undefined;
  }

  isOpen(view: TurnView): boolean {
    return this.#open === view.values.answer;
  }
}

/** The whole answer so far. The SDK starts the message over. */
export function start({ values, blocks }: TurnView): Sent[] {
  return [
    event("messages", { event: "message-start", role: "ai", id: values.answer }),
    ...blocks.map((content, index) => event("messages", { event: "content-block-start", index, content })),
  ];
}

/** Undefined if the answer does not continue what was sent. */
function additions(before: readonly Block[], after: readonly Block[]): Sent[] | undefined {
  if (before.length > after.length) return undefined;
  const events: Sent[] = [];
  for (const [index, content] of after.entries()) {
    const known = before[index];
    if (!known) {
      events.push(event("messages", { event: "content-block-start", index, content }));
      continue;
    }
    if (known.type !== content.type) return undefined;
    const [old, text] = [textOf(known), textOf(content)];
    if (!text.startsWith(old)) return undefined;
    const added = text.slice(old.length);
    if (added === "") continue;
    const delta: Delta =
      content.type === "text" ? { type: "text-delta", text: added } : { type: "reasoning-delta", reasoning: added };
    events.push(event("messages", { event: "content-block-delta", index, delta }));
  }
  return events;
}

export function textOf(block: Block): string {
  return block.type === "text" ? block.text : block.reasoning;
}

function finish({ turn, blocks }: TurnView): Sent[] {
  return [
    ...blocks.map((content, index) => event("messages", { event: "content-block-finish", index, content })),
    event("messages", { event: "message-finish", ...(turn.metadata && { responseMetadata: turn.metadata }) }),
  ];
}
