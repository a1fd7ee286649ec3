import { type BaseMessage, HumanMessage } from "@langchain/core/messages";

import { withFiles } from "../attached/asked.ts";
import { withNote } from "../attached/note.ts";
import type { ChatModel } from "../chat-model.ts";
import { fenced } from "../fenced.ts";
import type { TurnContext } from "../host.ts";
import { userMessage } from "../memory.ts";
import { type Prompt, prompt, promptFile, renderPrompt } from "../prompt.ts";
import { countAll } from "../request-messages.ts";

const attaching = prompt("files", ["files"]);
const alone = prompt("files.alone");
const citing = prompt("sources", ["sources"]);

/** How much of a model's room the files may take: a graph adds its own instructions, tools and results. */
const filesShare = 0.5;

/** The question of the turn. Where there are files, its content is a list of blocks: the texts of the files, the images, and the question last. */
export async function askedMessage(
  context: TurnContext,
  question: string,
  memory: readonly BaseMessage[],
): Promise<HumanMessage> {
  const { host, attached } = context;
  const given = await attached();
  const { files, sources } = given;
  for (const { number: _number, isEarlier, ...source } of sources) host.source(source, isEarlier);
  if (files.length === 0) return userMessage(question);

  function words(declaration: Prompt, values: Record<string, string> = {}): string {
    const file = promptFile(host.prompts, declaration);
    host.spent({ llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts: { [file.name]: file.hash } });
    return renderPrompt(file, values);
  }

  const numbered = sources.map(({ number, title }) => ({ number, title }));
  const toCite = numbered.length > 0 ? [words(citing, { sources: fenced(numbered) })] : [];
  const gave = (list: string) => [words(attaching, { files: list }), ...toCite].join("\n\n");
  const asked = { question: question === "" ? words(alone) : question.toWellFormed(), attached: given, gave };
  const model = modelOf(context);
  const room = { tokens: model.room?.tokens ?? Number.POSITIVE_INFINITY, memory: countAll(memory), share: filesShare };
  const { message, warnings } = withFiles(asked, model, room);
  for (const warning of warnings) host.warn(warning);
  const own = files.filter(({ isEarlier }) => !isEarlier);
  return new HumanMessage({ content: message.content, additional_kwargs: { [plainKey]: withNote(question, own) } });
}

/** The model that the turn asks for. A graph may ask others. */
export function modelOf({ host, sampling }: TurnContext): Pick<ChatModel, "name" | "room" | "sees"> {
  const model = sampling.find((given) => given.model !== undefined)?.model;
  const [first] = host.models({ model, prompt: "model", onRequest() {} });
  return first ?? { name: model ?? "" };
}

/** Where a question with files has itself as a text. */
const plainKey = "question_alone";

/** A question without the files: they are read again when they are needed again. */
export function withoutFiles(message: BaseMessage): BaseMessage {
  const plain = message.additional_kwargs[plainKey];
  if (!HumanMessage.isInstance(message) || typeof plain !== "string") return message;
  return new HumanMessage({ id: message.id, name: message.name, content: plain });
}
