import type { ConversationType } from "../engines.ts";
import type { JsonObject } from "../host.ts";

interface Message {
  question: string;
  context: JsonObject;
  hasHistory: boolean;
}

interface Rule {
  type: ConversationType;
  /** (right + 1) / (seen + 2) over 712 labelled real messages: 7 of 7, 13 of 13 and 22 of 22 were right. */
  confidence: number;
  reason: string;
  holds: (message: Message) => boolean;
}

const courtesy =
  /^(hi|hello|hey|good (morning|evening|afternoon)|thanks?( you)?( (so|very) much| a lot)?|thx|cheers|ok(ay)? (great|thanks?)|great|perfect|bye|goodbye)[\s!.,)(:;-]*$/i;

const trace =
  /Traceback \(most recent call last\)|^\s+at .+\(.+:\d+:\d+\)|^\s*(Caused by: )?[\w.]+(Exception|Error): .+\n\s+at |\*\* \(\w+(\.\w+)*\) |panicked at |Segmentation fault/m;

const order = /^(please )?(write|generate|create|implement|build) (me )?(a|an|the|some)\b/i;

const malfunction =
  /\b(crash\w*|error|exception|fail\w*|broken|timeout|times? out|hangs?|(does|is)(n['’]t| not) work\w*)\b/i;

/** Rules that are right nearly always; the first that holds decides. */
const rules: Rule[] = [
  {
    type: "simple",
    confidence: 0.89,
    reason: "The message is a greeting or thanks and asks for nothing.",
    holds: ({ question }) => courtesy.test(question),
  },
  {
    type: "problem_solving",
    confidence: 0.93,
    reason: "The message brings a stack trace, or tells of a malfunction and brings its error message.",
    holds: ({ question, context: { error_message: error } }) =>
      trace.test(question) || (typeof error === "string" && error.trim() !== "" && malfunction.test(question)),
  },
  {
    type: "generation",
    confidence: 0.96,
    reason: "The message opens a conversation by ordering something to be written.",
    holds: ({ question, hasHistory }) => !hasHistory && order.test(question),
  },
];

export function certainRule(message: Message): Rule | undefined {
  return rules.find((rule) => rule.holds(message));
}
