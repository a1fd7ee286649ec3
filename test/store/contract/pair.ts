import { v7 } from "uuid";

import type { Store } from "../../../src/store/store.ts";
import type { Accepted, Claim } from "../../../src/store/turns.ts";
import { type Chat, chat, idsOf, outcomeOf } from "./chat.ts";
import type { Deed } from "./deeds.ts";
import { StoreModel } from "./model.ts";
import type { ModelAsked, ModelTurn } from "./model-turn.ts";
import { waitOf } from "./waits.ts";

interface Answers {
  found: unknown;
  expected: unknown;
}

/** The operation does not apply, for example because there is no turn yet. */
const nothing: Answers = { found: undefined, expected: undefined };

const levels = { sent: 1, acknowledged: 2 } as const;

/** Applies each operation to both the store and the model. */
export class Pair {
  readonly model: StoreModel;
  readonly store: Store;
  readonly chats: readonly Chat[];
  readonly #claims: Claim[] = [];
  readonly #seqs = new Map<string, number>();

  static async of(store: Store, conversations: number): Promise<Pair> {
    return new Pair(store, await Promise.all(Array.from({ length: conversations }, () => chat(store))));
  }

  private constructor(store: Store, chats: Chat[]) {
    this.store = store;
    this.chats = chats;
    this.model = new StoreModel(chats.length);
  }

  async perform(deed: Exclude<Deed, { type: "wait" }>): Promise<Answers> {
    const { turns, waits, deliveries } = this.store;
    const { model } = this;
    switch (deed.type) {
      case "accept":
        return await this.#accept(deed.at, deed);
      case "replace": {
        const replaces = at(model.turns, deed.turn);
        if (!replaces || replaces.session !== model.at(replaces.at).session) return nothing;
        return await this.#accept(replaces.at, { maxAhead: 0, mayClaim: deed.mayClaim, replaces });
      }
      case "claim": {
        const claim = await turns.claim(this.#chat(deed.at).id);
        if (claim) this.#claims.push(claim);
        return { found: claim?.turn.id, expected: model.claim(deed.at)?.id };
      }
      case "finish": {
        const { claim, index } = this.#claim(deed.claim);
        if (!claim) return nothing;
        const { status, response, reasoning, isSent } = deed;
        const outcome = { ...outcomeOf(response, status), timestamp: v7() }; // a repeated call would be told that it was written
        const found = await turns.finish(claim, { outcome, reasoning, isSent });
        return { found, expected: model.finish(index, deed) };
      }
      case "endQueued": {
        const turn = at(model.turns, deed.turn);
        if (!turn) return nothing;
        const ending = { outcome: outcomeOf("", "stopped"), isSent: deed.isSent };
        const beside = model.open(turn.at)[0]?.status === "running" ? deed.beside : 0;
        const found = await turns.endQueued(turn.id, ending, () => beside);
        return { found, expected: model.endQueued(turn, deed.isSent, beside) };
      }
      case "ask": {
        const { claim, index } = this.#claim(deed.claim);
        if (!claim) return nothing;
        const ids = Array.from({ length: deed.questions }, (_, question) => `${question}`);
        const found = await waits.begin(claim, waitOf(claim.turn.attempt, ...ids));
        return { found, expected: model.ask(index, deed.questions) };
      }
      case "answer": {
        const turn = at(model.turns, deed.turn);
        if (!turn) return nothing;
        const answers = new Map(deed.questions.map((question) => [`${question}`, true]));
        const found = await waits.answer(this.#chat(turn.at).id, turn.id, answers);
        return { found, expected: model.answer(turn, deed.questions) };
      }
      case "endWaiting": {
        const turn = at(model.turns, deed.turn);
        if (!turn) return nothing;
        const ending = { outcome: outcomeOf("Well", "stopped"), isSent: deed.isSent };
        return { found: await waits.end(turn.id, ending), expected: model.endWaiting(turn, deed.isSent) };
      }
      case "release": {
        const { claim, index } = this.#claim(deed.claim);
        if (!claim) return nothing;
        return { found: await turns.release(claim), expected: model.release(index) };
      }
      case "renew": {
        const found = await turns.renew(this.#claims);
        const places = (claims: readonly Claim[]) => claims.map((claim) => this.#claims.indexOf(claim));
        return { found: { void: places(found.void), stopped: places(found.stopped) }, expected: model.renew() };
      }
      case "requestStop": {
        const turn = at(model.turns, deed.turn);
        if (!turn) return nothing;
        return { found: await turns.requestStop(turn.id), expected: model.requestStop(turn) };
      }
      case "keepStep": {
        const { claim, index } = this.#claim(deed.claim);
        if (!claim) return nothing;
        const found = await turns.keepStep(claim, deed.name, deed.result);
        return { found, expected: model.keepStep(index, deed.name, deed.result) };
      }
      case "summarise":
        return await this.#summarise(deed);
      case "mark": {
        const turn = model.turns.filter(({ ended }) => ended !== undefined).at(deed.turn);
        if (!turn) return nothing;
        const found = await deliveries.mark(new Map([[turn.id, deed.delivery]]));
        return { found, expected: model.mark(turn, levels[deed.delivery]) };
      }
      case "reset": {
        const { ended } = await this.#chat(deed.at).reset();
        return { found: ended.toSorted(), expected: model.reset(deed.at).toSorted() };
      }
      default:
        return deed satisfies never;
    }
  }

  async #accept(index: number, asked: ModelAsked): Promise<Answers> {
    const id = v7();
    const found = await this.#chat(index).ask("Why?", { ...asked, id, replaces: asked.replaces?.id });
    if (found.type === "accepted") {
      this.#seqs.set(id, found.turn.seq);
      if (found.claim) this.#claims.push(found.claim);
    }
    return { found: shown(found), expected: this.model.accept(index, id, asked) };
  }

  /** A summary of all ended turns but the last. It is `late` if another summary was stored meanwhile. */
  async #summarise({ at: index, isLate }: Extract<Deed, { type: "summarise" }>): Promise<Answers> {
    const { covered } = this.model.summary(index);
    const ended = this.model.history(index).filter(({ ended }) => ended !== undefined);
    const turnIds = ended.slice(covered.length, -1);
    const last = turnIds.at(-1);
    if (!last) return nothing;
    const upTo = isLate ? this.seqOf(last) : this.seqOf(covered.at(-1));
    const text = `Up to ${last.id}.`;
    const from = { upTo, turnIds: idsOf(turnIds) };
    const { sessionId } = this.#chat(index);
    const found = await this.store.conversations.keepSummary({ sessionId, text, upTo: this.seqOf(last), from });
    const before = isLate ? covered.length + turnIds.length : covered.length;
    return { found, expected: this.model.keepSummary(index, text, before, [...covered, ...turnIds]) };
  }

  #chat(index: number): Chat {
    const found = this.chats[index];
    if (!found) throw new Error("There is no such conversation.");
    return found;
  }

  #claim(index: number): { claim: Claim | undefined; index: number } {
    const claim = at(this.#claims, index);
    return { claim, index: claim ? this.#claims.indexOf(claim) : -1 };
  }

  /** 0 if there is no turn. */
  seqOf(turn: ModelTurn | undefined): number {
    return turn ? (this.#seqs.get(turn.id) ?? 0) : 0;
  }
}

function at<Item>(items: readonly Item[], index: number): Item | undefined {
  return items.at(index < 0 ? index : index % Math.max(1, items.length));
}

function shown(accepted: Accepted) {
  if (accepted.type === "duplicate") return { type: "duplicate", id: accepted.turn.id, position: accepted.position };
  if (accepted.type !== "accepted") return accepted;
  const { type, turn, position, claim } = accepted;
  return { type, id: turn.id, position, isClaimed: claim !== undefined };
}
