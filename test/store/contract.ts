import { afterAll, beforeAll, describe } from "vitest";

import type { Store } from "../../src/store/store.ts";
import { acceptingContract } from "./contract/accepting.ts";
import { anyOrderContract } from "./contract/any-order.ts";
import { claimsContract } from "./contract/claims.ts";
import { conversationsContract } from "./contract/conversations.ts";
import { deliveriesContract } from "./contract/deliveries.ts";
import { endingsContract } from "./contract/endings.ts";
import { historyContract } from "./contract/history.ts";
import { lastingContract } from "./contract/lasting.ts";
import { memoryContract } from "./contract/memory.ts";
import { recordsContract } from "./contract/records.ts";
import { summariesContract } from "./contract/summaries.ts";

/** What the suite has to know of an adapter. */
export interface Adapter {
  /** Opens the one store that the suite uses, with whatever it wrote there before. */
  open(): Store | Promise<Store>;
  /** Lets claims grow older by so much. */
  passTime(ms: number): void | Promise<void>;
}

/** The adapter, and its store as it is open now. */
export interface Subject extends Pick<Adapter, "passTime"> {
  readonly store: Store;
  reopen(): Promise<void>;
}

/** What every adapter of the store has to pass. Each test has conversations of its own, so all of them share one store. */
export function storeContract({ open, passTime }: Adapter): void {
  let opened: Store | undefined;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());

  const subject: Subject = {
    passTime,
    get store() {
      if (!opened) throw new Error("The store is not open yet.");
      return opened;
    },
    async reopen() {
      await opened?.close();
      opened = await open();
    },
  };

  describe("conversations", () => conversationsContract(subject));
  describe("a summary", () => summariesContract(subject));
  describe("a message", () => acceptingContract(subject));
  describe("a claim", () => claimsContract(subject));
  describe("a turn on its way", () => endingsContract(subject));
  describe("the history", () => historyContract(subject));
  describe("what a model remembers", () => memoryContract(subject));
  describe("deliveries", () => deliveriesContract(subject));
  describe("records", () => recordsContract(subject));
  describe("what is kept", () => lastingContract(subject));
  describe("any order of all that", () => anyOrderContract(subject));
}
