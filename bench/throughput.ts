import type { Chat, OpenChat } from "./client/chats.ts";
import type { Measured } from "./program.ts";

export interface Load {
  conversations: number;
  turnsEach: number;
  pace: { tokens: number };
}

/** Every conversation asks again as soon as it is answered. Returns turns per second, and ms of CPU per turn. */
export async function throughput(program: Measured, open: OpenChat, { conversations, turnsEach, pace }: Load) {
  const chats = await Promise.all(Array.from({ length: conversations }, () => open(program.url)));
  const cpuBefore = await program.cpu();
  const began = performance.now();
  await Promise.all(chats.map(askAll));
  const ms = performance.now() - began;
  const cpu = (await program.cpu()) - cpuBefore;
  for (const chat of chats) chat.close();
  const count = conversations * turnsEach;
  return { perSecond: (count / ms) * 1000, cpu: cpu / count / 1000 };

  async function askAll(chat: Chat): Promise<void> {
    for (let turn = 0; turn < turnsEach; turn += 1) await chat.ask(pace).ended;
  }
}
