import { effect, untracked } from "@preact/signals";

import type { Joined } from "../../../src/workbench/wire/prompts.ts";
import { workbench } from "../../session/workbench-link.ts";

/** Calls back with the reply of each join, and when the channel is lost. */
export function whileJoined(joined: (reply: Joined) => void, left: () => void = () => {}): void {
  effect(() => {
    const reply = workbench.reply.value;
    untracked(() => (reply ? joined(reply as unknown as Joined) : left())); // the channel's type does not describe the reply
  });
}
