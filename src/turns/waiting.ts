import type { InputRequest } from "../../graphs/host.ts";
import { type PromptFile, type PromptSet, parsePrompt } from "../../graphs/prompt.ts";
import type { Records } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { Turn } from "../store/turns.ts";
import type { Question, Wait } from "../store/waits.ts";
import type { LiveEvent, ToolCall } from "./bus.ts";
import type { LedgerState } from "./ledger.ts";

/** In bytes of UTF-8, as JSON. */
const maxRequestBytes = 262_144;

/** Ends a run, and lets its turn wait. */
export class WaitSignal extends Error {
  constructor() {
    super("The turn waits for a person.");
    this.name = "WaitSignal";
  }
}

/** What earlier attempts of a turn have left. */
export interface Left {
  steps: ReadonlyMap<string, string>;
  calls: ReadonlyMap<string, ToolCall>;
  wait?: Wait;
}

export const nothingLeft: Left = { steps: new Map(), calls: new Map() };

interface LeftStore {
  turns: Pick<Store["turns"], "steps">;
  toolCalls: Pick<Store["toolCalls"], "told">;
  waits: Pick<Store["waits"], "of">;
}

export async function leftBy(store: LeftStore, { id }: Turn): Promise<Left> {
  const [steps, told, wait] = await Promise.all([store.turns.steps(id), store.toolCalls.told(id), store.waits.of(id)]);
  const calls = [...told].map(([key, call]): [string, ToolCall] => [key, JSON.parse(call)]);
  return { steps, calls: new Map(calls), wait };
}

/** More than any attempt discards by itself. */
const restartsOfAttempt = 1_000;

/**
 * A number above that of every answer which earlier attempts have discarded: nobody knows any more how many there were in an attempt that crashed.
 * A turn that has waited continues its answer, unless it has crashed since.
 */
export function restartsOf({ attempt }: Pick<Turn, "attempt">, wait: Wait | undefined): number {
  const crashed = wait ? attempt - wait.attempt - 1 : attempt - 1;
  return (wait?.answer.restarts ?? 0) + crashed * restartsOfAttempt;
}

/** The event that starts an attempt. */
export function beganEvent(turn: Turn, { wait, calls }: Left): LiveEvent {
  const { id: turnId, attempt, request, attachments } = turn;
  const restarts = restartsOf(turn, wait);
  const thoughts = wait?.reasoning;
  const crashes = wait ? restarts - wait.answer.restarts : 0;
  const reasoning = thoughts && { text: thoughts.text, restarts: thoughts.restarts + crashes };
  const before = { answer: wait?.answer.text ?? "", reasoning, stage: wait?.stage, calls };
  const asked = { query: request.query, ...(attachments && { attachments }) };
  return { type: "began", turnId, attempt, ...asked, restarts, ...((wait || calls.size > 0) && { before }) };
}

/** The events that show a turn that waits. */
export function waitingEvents(turn: Turn, left: Left & { wait: Wait }): LiveEvent[] {
  const requests = left.wait.questions.filter(({ answer }) => !answer).map(requestOf);
  const began = beganEvent({ ...turn, attempt: left.wait.attempt + 1 }, left); // as the attempt that will go on
  return [began, { type: "requested", turnId: turn.id, requests }];
}

export function requestOf({ interruptId, value }: Question): InputRequest {
  return { interrupt_id: interruptId, value };
}

/** Questions as they are stored. Each wait has ids of its own, so that no late answer meets a later question. Throws if they are too long. */
export function questionsOf(requests: readonly InputRequest[], count: number): Question[] {
  const json = JSON.stringify(requests);
  if (Buffer.byteLength(json) > maxRequestBytes)
    throw new Error(`A graph asks with more than ${maxRequestBytes} bytes.`);
  const plain: InputRequest[] = JSON.parse(json);
  return plain.map(({ interrupt_id: graphId, value = null }) => ({
    interruptId: count === 1 ? graphId : `${graphId}.${count}`,
    graphId,
    value,
  }));
}

/** The answers by the graph's ids. Undefined if there are none. */
export function answersOf(wait: Wait | undefined): Record<string, unknown> | undefined {
  const given =
    wait?.questions.flatMap(({ graphId, answer }) => (answer ? [[graphId, answer.value] as const] : [])) ?? [];
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

export function accountOf(wait: Wait | undefined): LedgerState | undefined {
  return wait?.account as LedgerState | undefined; // written by the ledger of an earlier attempt
}

/** The prompts that a turn began with. One whose text is gone, or that the graphs use otherwise now, is the current one. */
export async function promptsOf(
  wait: Wait | undefined,
  current: PromptSet,
  records: Pick<Records, "texts">,
): Promise<PromptSet> {
  const changed = Object.entries(wait?.prompts ?? {}).filter(([name, hash]) => current.get(name)?.hash !== hash);
  if (changed.length === 0) return current;
  const texts = await records.texts(changed.map(([, hash]) => hash));
  const earlier = changed.flatMap(([name, hash]) => parsed(name, texts.get(hash)) ?? []);
  return new Map([...current, ...earlier.map((file) => [file.name, file] as const)]);
}

function parsed(name: string, text: string | undefined): PromptFile | undefined {
  try {
    return text === undefined ? undefined : parsePrompt(name, text);
  } catch {
    return undefined;
  }
}

export function promptHashes(prompts: PromptSet): Record<string, string> {
  return Object.fromEntries([...prompts.values()].map(({ name, hash }) => [name, hash]));
}
