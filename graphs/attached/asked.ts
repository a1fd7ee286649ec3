import { type BaseMessage, HumanMessage } from "@langchain/core/messages";

import type { ChatModel } from "../chat-model.ts";
import type { Attached } from "./attached.ts";
import { fitted, imageTokens } from "./fitted.ts";

/** The part of the room that earlier turns keep beside long files, if they need it. */
const memoryShare = 0.25;

/** For a model whose context is unknown, as much as the memory may have at most. */
const unknownRoom = 24_000;

/** The message with the question, and how much of the files it has. */
export interface AskedWithFiles {
  message: HumanMessage;
  /** In sentences for the user. */
  warnings: string[];
}

interface Room {
  /** Of the model, without what the rest of the request takes. Infinity if it is unknown. */
  tokens: number;
  /** What the memory would take. */
  memory: number;
  /** From 0 to 1: less after the model found a request too long. */
  share: number;
}

/** The question with as much of the files as a model has room for. `gave` makes the part of the message that gives them. */
export function withFiles(
  { question, attached, gave }: { question: string; attached: Attached; gave: (files: string) => string },
  model: Pick<ChatModel, "name" | "sees">,
  { tokens, memory, share }: Room,
): AskedWithFiles {
  const room = tokens === Number.POSITIVE_INFINITY ? unknownRoom : tokens - Math.min(memory, memoryShare * tokens);
  const { text, images, cut, unseen } = fitted(attached, Math.floor(share * room), model.sees !== false);
  const content = [
    { type: "text", text: gave(text) },
    ...images.map((url) => ({ type: "image_url", image_url: { url } })),
    { type: "text", text: question },
  ];
  return {
    message: new HumanMessage({ content }),
    warnings: [
      ...cut.map((name) => `The model has no room for all of ${JSON.stringify(name)}; it answered without the rest.`),
      ...unseen.map(
        (name) => `The model ${model.name} cannot see images; it answered without ${JSON.stringify(name)}.`,
      ),
    ],
  };
}

/** How many tokens the images of a message take, about. */
export function tokensOfImages({ content }: BaseMessage): number {
  if (typeof content === "string") return 0;
  return content.filter(isImageBlock).length * imageTokens;
}

/** The message with a note in place of each image. */
export function withoutImages(message: BaseMessage): BaseMessage {
  const { id, name, content, additional_kwargs } = message;
  if (typeof content === "string" || !HumanMessage.isInstance(message)) return message;
  const seen = content.map((block) => (isImageBlock(block) ? { type: "text", text: "[image left out]" } : block));
  return new HumanMessage({ id, name, content: seen, additional_kwargs });
}

function isImageBlock({ type }: { type: string }): boolean {
  return type === "image_url" || type === "image";
}
