import { SystemMessage } from "@langchain/core/messages";
import { createMiddleware } from "langchain";

import { withoutEmpty } from "./compose.ts";
import { fenced } from "./fenced.ts";
import { model } from "./model.ts";
import { type Prompt, type PromptFile, prompt, promptFile, renderPrompt } from "./prompt.ts";
import { currentTurn } from "./stock/current.ts";

const data = prompt("data", ["data"]);

/** Middleware for `createAgent`: a file of prompts/ is the system prompt, with the application's data, and sets the model and its sampling. */
export function instructed(instructions: Prompt) {
  return createMiddleware({
    name: "Instructed",
    wrapModelCall(request, handler) {
      const { host, context, options, preferences } = currentTurn().context;
      const file = promptFile(host.prompts, instructions);
      const given = withoutEmpty({ context, options, preferences });
      const parts = [renderPrompt(file)];
      const used: PromptFile[] = [file];
      if (given) {
        const block = promptFile(host.prompts, data);
        parts.push(renderPrompt(block, { data: fenced(given) }));
        used.push(block);
      }
      const prompts = Object.fromEntries(used.map(({ name, hash }) => [name, hash]));
      host.spent({ llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts });
      const systemMessage = request.systemMessage.concat(new SystemMessage(parts.join("\n\n")));
      return handler({ ...request, systemMessage, model: model(file.settings) });
    },
  });
}
