import {
  AIMessage,
  type BaseMessage,
  isBaseMessage,
  mapChatMessagesToStoredMessages,
  ToolMessage,
} from "@langchain/core/messages";

import type { Host, InputRequest } from "../host.ts";
import { isObject } from "../json.ts";
import type { HeldSaver } from "./held-saver.ts";
import { keptAsJson, stateOf } from "./kept.ts";
import type { Listener } from "./listener.ts";
import { paired } from "./stored.ts";

/** Of custom data, as JSON. */
const maxCustomBytes = 65_536;

interface ResultsOptions {
  host: Host;
  saver: HeldSaver;
  turnId: string;
  /** The messages that the graph was given. */
  given: readonly BaseMessage[];
  /** An earlier turn has rewritten what it was given. */
  keepsList: boolean;
  /** The graph may have state besides its messages. */
  keepsState: boolean;
}

/** Collects what a graph's stream tells beside the listener: questions, custom data, and what the turn leaves. */
export class Results {
  readonly interrupts = new Map<string, InputRequest>();
  readonly #options: ResultsOptions;
  #messages: BaseMessage[];
  /** How many messages there were when what the turn leaves was last reported. */
  #reported: number;

  constructor(options: ResultsOptions) {
    this.#options = options;
    this.#messages = [...options.given];
    this.#reported = options.given.length;
  }

  custom(data: unknown): void {
    const { host } = this.#options;
    const json = jsonOf(data);
    if (json === undefined) host.warn("Custom data of the engine was left out, because it is no JSON.");
    else if (Buffer.byteLength(json) <= maxCustomBytes) host.custom(JSON.parse(json));
    else host.warn("Custom data of the engine was left out, because it is longer than 64 KiB.");
  }

  /** Returns false if these are no questions. */
  questions(values: unknown): boolean {
    const raised = isObject(values) ? values.__interrupt__ : undefined;
    if (!Array.isArray(raised)) return false;
    for (const { id, value } of raised) this.interrupts.set(id, { interrupt_id: id, value });
    return true;
  }

  /** The graph's state after a step. */
  values(values: unknown): void {
    const messages =
      isObject(values) && Array.isArray(values.messages)
        ? values.messages.filter((one) => isBaseMessage(one))
        : undefined;
    if (!messages) return;
    this.#messages = messages;
    const isNew = messages.length !== this.#reported && ToolMessage.isInstance(messages.at(-1));
    if (isNew) this.#report();
  }

  /** Shows what the graph returned without anybody noticing. */
  complete(listener: Listener): void {
    const added = this.#added();
    if (!listener.texts.hasText) listener.show(added);
    const last = added.at(-1);
    const isDirect = last && ToolMessage.isInstance(last) && last.status !== "error";
    if (!listener.texts.hasText && isDirect) listener.texts.whole("direct", last.text);
  }

  /** Reports what lasts. */
  async leave(namespaces: ReadonlySet<string>): Promise<void> {
    const { saver, turnId, keepsState } = this.#options;
    const mayHaveSome = keepsState || namespaces.size > 0;
    this.#report(mayHaveSome ? await stateOf(saver, turnId, namespaces) : {});
  }

  #report(state: Record<string, string> = {}): void {
    const { host, turnId, keepsList } = this.#options;
    const added = paired(this.#added());
    const isPlain = added.length <= 1 && added.every((message) => AIMessage.isInstance(message));
    const messages = keepsList || this.#isRewritten() ? paired(this.#messages) : undefined;
    this.#reported = this.#messages.length;
    host.produced(isPlain ? [] : mapChatMessagesToStoredMessages(added), keptAsJson({ turnId, messages, state }));
  }

  /** The graph removed or replaced messages that it was given. What an entrypoint returns may be new messages alone. */
  #isRewritten(): boolean {
    const ids = new Set(this.#messages.map(({ id }) => id));
    const { given } = this.#options;
    return given.some(({ id }) => ids.has(id)) && !given.every(({ id }) => ids.has(id));
  }

  #added(): BaseMessage[] {
    const known = new Set(this.#options.given.map(({ id }) => id));
    return this.#messages.filter(({ id }) => id === undefined || !known.has(id));
  }
}

/** Undefined for what has no JSON, such as a cycle. */
function jsonOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch {
    return undefined;
  }
}
