import { analysis } from "./analysis.ts";
import { assistant } from "./assistant.ts";
import { complex } from "./complex.ts";
import { generation } from "./generation.ts";
import { multiStep } from "./multi-step.ts";
import { problemSolver } from "./problem-solver.ts";
import { simple } from "./simple.ts";
import { stock } from "./stock.ts";

/**
 * The registry: conversation type → `routed_to` on the wire, when to choose it (for the router's prompt), and the graph. One that is `off` has
 * to be switched on, by the setting ENGINES.
 */
export const engines = {
  simple: {
    routedTo: "simple_conversation",
    when: "one direct answer: a fact, a definition, syntax, a one-command how-to; greetings, thanks, small talk",
    graph: simple,
  },
  complex: {
    routedTo: "complex_conversation",
    when: "reasoning or a plan: trade-offs, comparing for a choice, architecture, design under several constraints",
    graph: complex,
  },
  analysis: {
    routedTo: "analysis_conversation",
    when: "code, configuration, a document or a system is given and shall be explained, reviewed or judged",
    graph: analysis,
  },
  generation: {
    routedTo: "generation_conversation",
    when: "something shall be written or changed: code, tests, a query, a script, a document; refactoring, porting",
    graph: generation,
  },
  problem_solving: {
    routedTo: "problem_solver",
    when: "something of the user's misbehaves: an error, a crash, a failing test, wrong output; cause or fix is wanted",
    graph: problemSolver,
  },
  multi_step: {
    routedTo: "multi_step_conversation",
    when: "the message cannot be understood without the earlier turns of this conversation",
    graph: multiStep,
  },
  assistant: {
    routedTo: "assistant_conversation",
    when: "something is to be looked up in files that the user gave, or the user asks to be asked before the answer",
    examples: [
      "What does the attached contract say about the notice period?",
      "Search my files for the delivery dates.",
      "On which page of the report are the risks?",
      "Find every mention of the deposit in these documents.",
      "According to the PDF, who has to approve a change?",
      "Which of the uploaded files talks about refunds?",
      "Look it up in the manual that I attached: how is the device reset?",
      "Quote what the minutes say about the budget, with the page.",
      "What is the warranty period in the document I uploaded?",
      "Ask me what you need to know first, then suggest a plan.",
      "Help me choose a laptop; ask me questions until you know enough.",
      "Does the policy in the attachment allow remote work abroad?",
    ],
    off: true,
    graph: stock(assistant),
  },
} as const;

export type ConversationType = keyof typeof engines;

export const conversationTypes = Object.keys(engines) as [ConversationType, ...ConversationType[]];

export function isConversationType(value: unknown): value is ConversationType {
  return typeof value === "string" && Object.hasOwn(engines, value);
}
