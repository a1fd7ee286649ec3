import { afterAll, beforeAll, describe } from "vitest";

import type { Store } from "../../src/store/store.ts";
import { acceptingContract } from "./contract/accepting.ts";
import { anyOrderContract } from "./contract/any-order.ts";
import { checkpointsContract } from "./contract/checkpoints.ts";
import { claimsContract } from "./contract/claims.ts";
import { conversationsContract } from "./contract/conversations.ts";
import { deliveriesContract } from "./contract/deliveries.ts";
import { endingsContract } from "./contract/endings.ts";
import { filesContract } from "./contract/files.ts";
import { historyContract } from "./contract/history.ts";
import { lastingContract } from "./contract/lasting.ts";
import { memoryContract } from "./contract/memory.ts";
import { producedContract } from "./contract/produced.ts";
import { recordingsContract } from "./contract/recordings.ts";
import { recordsContract } from "./contract/records.ts";
import { summariesContract } from "./contract/summaries.ts";
import { toolCallsContract } from "./contract/tool-calls.ts";
import { unclaimedContract } from "./contract/unclaimed.ts";
import { waitsContract } from "./contract/waits.ts";

/** What the suite needs from an adapter. */
export interface Adapter {
  /** Opens the suite's store. Each call sees what was written before. */
  open(): Store | Promise<Store>;
  /** Makes existing claims and unfinished turns older by this much. */
  passTime(ms: number): void | Promise<void>;
  /** How many random orders of operations to try, for an adapter that is slow. */
  orders?: number;
}

/** The adapter and its open store. */
export interface Subject extends Pick<Adapter, "passTime" | "orders"> {
  readonly store: Store;
  reopen(): Promise<void>;
}

/** Every adapter of the store has to pass this suite. The tests share one store, and each uses its own conversations. */
export function storeContract({ open, passTime, orders }: Adapter): void {
  let opened: Store | undefined;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());

  const subject: Subject = {
    passTime,
    orders,
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
  describe("an unfinished turn", () => endingsContract(subject));
  describe("a turn without a claim", () => unclaimedContract(subject));
  describe("a turn that waits", () => waitsContract(subject));
  describe("checkpoints of a graph", () => checkpointsContract(subject));
  describe("a tool call", () => toolCallsContract(subject));
  describe("what a turn leaves to later ones", () => producedContract(subject));
  describe("a file", () => filesContract(subject));
  describe("the history", () => historyContract(subject));
  describe("the memory of the model", () => memoryContract(subject));
  describe("deliveries", () => deliveriesContract(subject));
  describe("records", () => recordsContract(subject));
  describe("what a turn has done", () => recordingsContract(subject));
  describe("a store that is closed and opened again", () => lastingContract(subject));
  describe("random sequences of operations", () => anyOrderContract(subject));
}
