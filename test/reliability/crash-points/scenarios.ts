import type { Conversation } from "../../support/client.ts";

/** A message of a scenario, and its turn id if the server replied. */
export interface Said {
  content: string;
  id: string;
  options: object;
  turnId?: string;
}

export interface Scene {
  conversation: Conversation;
  engine: string;
  /** In order. */
  said: Said[];
  /** Arms the crash point. */
  arm(): void;
  /** Requests before this may be repeated. */
  forgive(): void;
}

export type ScenarioName = keyof typeof scenarios;

/** What a client does until the server crashes. */
export const scenarios = {
  async ask(scene: Scene) {
    scene.arm();
    await say(scene, "Why?");
  },
  /** Continues until the clients' heartbeats have acknowledged the terminal event. */
  async read(scene: Scene) {
    scene.arm();
    await sayAndSeeEnded(scene, "Why?");
  },
  async queueBehind(scene: Scene) {
    await sayAndSeeBegun(scene, "Why?");
    scene.arm();
    await say(scene, "And then?");
  },
  async queue(scene: Scene) {
    scene.arm();
    await say(scene, "Why?");
    await say(scene, "And then?");
  },
  async stop(scene: Scene) {
    await sayAndSeeBegun(scene, "Why?");
    scene.arm();
    await scene.conversation.push("stop");
  },
  async stopWaiting(scene: Scene) {
    await sayAndSeeBegun(scene, "Why?");
    const turn_id = await say(scene, "And then?");
    scene.arm();
    await scene.conversation.push("stop", { turn_id });
  },
  async fail(scene: Scene) {
    scene.arm();
    await say(scene, "Why cut?");
  },
  async reset(scene: Scene) {
    await sayAndSeeBegun(scene, "Why?");
    scene.arm();
    await scene.conversation.push("new_conversation");
  },
  async regenerate(scene: Scene) {
    await sayAndSeeEnded(scene, "Why?");
    scene.arm();
    await scene.conversation.push("regenerate");
  },
  async edit(scene: Scene) {
    const turn_id = await sayAndSeeEnded(scene, "Why?");
    scene.arm();
    await scene.conversation.push("edit", { turn_id, content: "What else?" });
  },
  async replace(scene: Scene) {
    await sayAndSeeBegun(scene, "Why?");
    scene.arm();
    await say(scene, "What else?", { when_busy: "replace" });
  },
  async condense(scene: Scene) {
    for (const n of [1, 2, 3]) await sayAndSeeEnded(scene, `Why ${n}, at length?`);
    scene.arm();
    await say(scene, "Why 4, at length?");
  },
};

/** Sends the same message again, like a client that got no reply. */
export async function send(conversation: Conversation, said: Said): Promise<boolean> {
  const { content, id, options } = said;
  const { status, response } = await conversation.push("message", { content, id, options });
  if (status !== "ok") throw new Error(`message: ${status} ${JSON.stringify(response)}`);
  said.turnId = response.turn_id;
  return response.duplicate;
}

/** Waits until the terminal event was sent and marked for all members: the next push is answered after that. */
export async function atRest(conversation: Conversation): Promise<void> {
  await conversation.push("get_history", { limit: 1 });
}

async function say({ conversation, said, engine }: Scene, content: string, options: object = {}): Promise<string> {
  const one: Said = { content, id: content, options: { ...(engine && { engine }), ...options } };
  said.push(one);
  await send(conversation, one);
  return one.turnId ?? "";
}

async function sayAndSeeBegun(scene: Scene, content: string): Promise<void> {
  const turnId = await say(scene, content);
  await scene.conversation.next("response_delta", ({ turn_id }) => turn_id === turnId);
}

async function sayAndSeeEnded(scene: Scene, content: string): Promise<string> {
  const turnId = await say(scene, content);
  await scene.conversation.turn(turnId);
  await atRest(scene.conversation);
  scene.forgive();
  return turnId;
}
