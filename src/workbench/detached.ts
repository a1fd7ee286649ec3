import { MemorySaver } from "@langchain/langgraph";

import type { Brain } from "../../graphs/brain.ts";
import { Dialects } from "../../graphs/dialects.ts";
import type { Host, InputRequest, JsonObject, Memory, TurnContext } from "../../graphs/host.ts";
import type { Progress } from "../../graphs/progress.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { Turn, TurnRequest } from "../store/turns.ts";
import { ledger } from "../turns/ledger.ts";
import { withoutEmpty } from "../turns/outcome.ts";
import { contextOf, type ModelServices, silentHost } from "../turns/silent-host.ts";
import { routeOf } from "../turns/stages.ts";
import { type FileReader, turnFiles } from "../turns/turn-files.ts";
import { WaitSignal } from "../turns/waiting.ts";
import { NodeWatcher } from "./node-watcher.ts";
import type { Past } from "./past.ts";
import { replayedAnswers } from "./recorded-answers.ts";
import { replayedCalls } from "./recorded-calls.ts";
import type { RunEvent } from "./wire/runs.ts";
import type { ReplayedAnswer, ReplayedCall } from "./wire/turns.ts";

/** A step's name and stored result: its finding and spending. */
export interface Step {
  name: string;
  result: JsonObject;
}

/** All inputs of a turn. */
export interface TurnInputs {
  request: TurnRequest;
  memory: Memory;
  prompts: PromptSet;
  /** Undefined if there was no such turn: then tools run, and nobody answers questions. */
  past?: Past;
  /** Stored step results, which are used instead of new ones until the node `from` starts. */
  kept?: { steps: readonly Step[]; from: string };
}

/** `files`: without it, no file can be read. */
export interface DetachedServices extends ModelServices {
  files?: FileReader;
}

const runName = "conversation, detached";

export interface Listener {
  progress?(progress: Progress): void;
  delta?(text: string): void;
  restart?(): void;
  node?(event: RunEvent): void;
}

export interface Answered {
  response: string;
  conversationType: string;
  routedTo: string;
  metadata: JsonObject;
  steps: Step[];
  calls: readonly ReplayedCall[];
  answers: readonly ReplayedAnswer[];
  firstWordMs?: number;
}

/** Runs the graph outside of any conversation; nothing is stored. Rejects with the graph's error, a ChannelError or the signal's reason. */
export async function askDetached(
  graph: Brain["conversation"],
  services: DetachedServices,
  inputs: TurnInputs,
  listener: Listener = {},
  outer?: AbortSignal,
): Promise<Answered> {
  const { request, memory, past, kept } = inputs;
  const ending = new AbortController();
  const signal = outer ? AbortSignal.any([outer, ending.signal]) : ending.signal;
  const account = ledger();
  const calls = replayedCalls(past, (error) => ending.abort(error));
  const answers = replayedAnswers(past);
  const files = past && services.files && turnFiles(services.files, past.before, past.turn);
  const wantsSources = request.preferences.include_sources === true;
  const saver = new MemorySaver();
  const steps: Step[] = [];
  let isReached = kept === undefined;
  let routed: TurnContext["routed"] = null;
  let routedTo = "";
  let said = "";

  const base: Host = {
    ...silentHost(services, inputs.prompts, account),
    dialects: new Dialects(services.dialects),
    saver: () => saver,
    toolCall: calls.toolCall,
    async lastKept(engine) {
      const kept = await past?.before.lastKept(engine);
      return kept === undefined ? undefined : JSON.parse(kept);
    },
    ...(files && { files: files.all }),
    source: (source, ifNamed) => (wantsSources ? account.source(source, ifNamed) : undefined),
    progress(progress) {
      if (progress.type === "routed") {
        if (routed) return; // it goes on after a question
        routed = progress;
        routedTo = progress.routed_to;
        account.routed(routeOf(progress));
      }
      listener.progress?.(progress);
    },
    delta(text) {
      account.wrote();
      said += text;
      listener.delta?.(text);
    },
    restart() {
      said = "";
      listener.restart?.();
    },
    async step<T>(name: string, run: () => Promise<T>): Promise<T> {
      const stored = isReached ? undefined : kept?.steps.find((step) => step.name === name);
      const known = steps.find((step) => step.name === name) ?? stored;
      const result = known ? (known.result as T) : await run(); // stored by the same step
      if (!steps.some((step) => step.name === name)) steps.push({ name, result: result as JsonObject });
      return result;
    },
  };
  const watcher = new NodeWatcher((event) => {
    if (event.event === "node_started" && event.node === kept?.from) isReached = true;
    listener.node?.(event);
  });

  /** Runs until the end, or until the graph asks a person. */
  async function attempt(resume: Host["resume"]) {
    let asked: readonly InputRequest[] | undefined;
    const waiting: Pick<Host, "wait"> = {
      wait(requests) {
        asked = requests;
        throw new WaitSignal();
      },
    };
    const context = contextOf(request, { ...base, ...(past && waiting), said, resume }, memory, {
      routed,
      attachments: files?.attachments,
    });
    const config = { context, signal, callbacks: [watcher], configurable: past && idsOf(past.turn), runName };
    try {
      return { end: await Promise.race([graph.invoke({ question: request.query }, config), aborted(signal)]) };
    } catch (error) {
      signal.throwIfAborted();
      if (!asked) throw error;
      return { asked };
    }
  }

  let { end, asked } = await attempt(undefined);
  while (!end) ({ end, asked } = await attempt(answers.answer(asked ?? [])));
  const response = said || end.answer;
  const metadata = { ...account.metadata(), ...account.sources(response), ...withoutEmpty(end.findings) };
  const result = { response, conversationType: end.route, routedTo, metadata, steps };
  return { ...result, calls: calls.all, answers: answers.all, firstWordMs: account.firstWordMs };
}

/** What nodes and tools find in `configurable`. */
function idsOf({ id, conversationId, sessionId, userId }: Turn): object {
  return { turn_id: id, conversation_id: conversationId, session_id: sessionId, user_id: userId };
}

/** Rejects with the signal's reason as soon as it aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
