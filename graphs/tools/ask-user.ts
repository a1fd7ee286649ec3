import { interrupt } from "@langchain/langgraph";
import { tool } from "langchain";
import { z } from "zod";

/** Asks the user, and gives the answer as the result. The turn waits for as long as it takes. */
export const askUser = tool(
  ({ question, choices = [] }) => {
    const answer: unknown = interrupt({ question, ...(choices.length > 0 && { choices }), free: true });
    if (typeof answer === "string" && answer.trim() !== "") return answer;
    return answer === undefined || answer === null || answer === ""
      ? "The user gave no answer."
      : JSON.stringify(answer);
  },
  {
    name: "ask_user",
    description:
      "Asks the user one short question, and returns the answer. For what only the user can know or decide: which of several meanings, a missing detail, a preference.",
    schema: z.object({
      question: z.string().min(1).describe("One question, in the user's language."),
      choices: z
        .array(z.string().min(1))
        .max(8)
        .optional()
        .describe("Likely answers, in a few words each. The user may also answer in other words."),
    }),
    metadata: { repeatable: true },
  },
);
