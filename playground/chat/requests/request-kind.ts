/** What a person may decide about a tool call. */
export type DecisionType = "approve" | "edit" | "reject";

/** A tool call that waits for approval. */
export interface Action {
  name: string;
  args: Record<string, unknown>;
  /** Says more than name and arguments do. Empty if nothing. */
  description: string;
  allowed: readonly DecisionType[];
  /** JSON schema of the arguments. */
  schema: Record<string, unknown> | undefined;
}

export type Decision =
  | { type: "approve" }
  | { type: "edit"; args: Record<string, unknown> }
  | { type: "reject"; message: string };

export type Request =
  | { kind: "approval"; actions: readonly Action[]; decided: (decisions: readonly Decision[]) => unknown }
  /** `isFree`: words of one's own are an answer, too. */
  | { kind: "question"; question: string; choices: readonly string[]; isFree: boolean }
  | { kind: "value"; value: unknown };

/** Sends an answer. `words` say the same for people. */
export type Send = (value: unknown, words: string) => void;

const decisionTypes: readonly string[] = ["approve", "edit", "reject"];

/** Recognizes the requests of LangChain's human-in-the-loop middleware, in JavaScript and in Python, and questions. Anything else is a value. */
export function requestOf(value: unknown): Request {
  if (typeof value === "string" && value.trim() !== "")
    return { kind: "question", question: value, choices: [], isFree: true };
  return (isObject(value) && (approvalOf(value) ?? questionOf(value))) || { kind: "value", value };
}

function approvalOf(value: Record<string, unknown>): Request | undefined {
  const isSnake = "action_requests" in value;
  const requests = isSnake ? value.action_requests : value.actionRequests;
  const configs = isSnake ? value.review_configs : value.reviewConfigs;
  if (!Array.isArray(requests) || requests.length === 0) return undefined;
  const actions = requests.map((request) => actionOf(request, Array.isArray(configs) ? configs : []));
  if (!actions.every((action) => action !== undefined)) return undefined;
  return {
    kind: "approval",
    actions,
    decided: (decisions) => ({
      decisions: decisions.map((decision, at) => {
        if (decision.type === "reject" && decision.message === "") return { type: "reject" };
        if (decision.type !== "edit") return decision;
        const edited = { name: actions[at]?.name, args: decision.args };
        return isSnake ? { type: "edit", edited_action: edited } : { type: "edit", editedAction: edited };
      }),
    }),
  };
}

/** Undefined if this is none, or if none of the decisions is known. */
function actionOf(request: unknown, configs: readonly unknown[]): Action | undefined {
  if (!isObject(request) || typeof request.name !== "string") return undefined;
  const { name, description } = request;
  const args = request.args ?? request.arguments ?? {};
  const config = configs.filter(isObject).find((one) => (one.actionName ?? one.action_name) === name) ?? {};
  const listed = config.allowedDecisions ?? config.allowed_decisions;
  const decisions = Array.isArray(listed) ? listed : decisionTypes;
  const allowed = decisions.filter((type): type is DecisionType => decisionTypes.includes(type));
  const schema = config.argsSchema ?? config.args_schema;
  if (!isObject(args) || allowed.length === 0) return undefined;
  const words = typeof description === "string" ? plain(description, name) : "";
  return { name, args, description: words, allowed, schema: isObject(schema) ? schema : undefined };
}

/** LangChain's own description repeats the name and the arguments. */
function plain(description: string, name: string): string {
  const [words = ""] = description.split(`\n\nTool: ${name}\nArgs: `, 1);
  return words === "Tool execution requires approval" ? "" : words.trim();
}

function questionOf({ question, choices, free }: Record<string, unknown>): Request | undefined {
  if (typeof question !== "string" || question.trim() === "") return undefined;
  const known = Array.isArray(choices) ? choices.filter((choice) => typeof choice === "string") : [];
  return { kind: "question", question, choices: known, isFree: free === true || known.length === 0 };
}

/** The request in one sentence, for screen readers. */
export function wordsOf(request: Request): string {
  if (request.kind === "question") return request.question;
  if (request.kind === "value") return "The graph asks for an answer.";
  return `Approval needed: ${request.actions.map(({ name }) => name).join(", ")}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
