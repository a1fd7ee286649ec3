import { conversationTypes } from "../../graphs/engines.ts";
import { type Client, type Conversation, connect } from "../support/client.ts";
import { type Failure, failures } from "./soak-model.ts";
import { simple } from "./support.ts";

export const turnsPerVisit = 10;

/** The assistant is off by default. */
const structured = conversationTypes.filter((type) => type !== "simple" && type !== "assistant");
const failing = Object.keys(failures) as Failure[];

/** One user's visit: always the same ten turns, in a conversation that all visits share and in two new ones. */
export async function visit(url: string, user: number, number: number): Promise<void> {
  await using phone = await connect(url, { apiKey: `key-${user}` });
  await using laptop = await connect(url, { apiKey: `key-${user}` });
  await atHome(phone, laptop, `home-${user}`, number);
  await somethingNew(laptop, `new-${user}-${number}`, number);
  await leftAlone(laptop, `brief-${user}-${number}`, number);
}

/** Four turns in the shared conversation, on two devices; one of them loses its connection. */
async function atHome(phone: Client, laptop: Client, id: string, number: number): Promise<void> {
  const home = await phone.join(id);
  const other = await laptop.join(id, { preferences: { language: "German" } });
  await home.push("get_history", { limit: 20 });
  await home.push("set_context", { context: { visit: number } });
  await home.push("typing", { typing: true });
  const { turnId } = await home.ask(`What is ${number}?`, { ...simple, context: { level: "beginner" } });
  await home.push("feedback", { turn_id: turnId, score: 1, comment: "Good." });
  await other.ask(`Is ${number} a prime number, and if so, why does it matter?`);
  await home.ask(`And ${number + 1}?`, { ...simple, llm_config: { temperature: 0.1 } });
  const last = await begin(home, `slow ${number}`);
  phone.drop();
  await home.turn(last);
  await other.leave();
}

/** Five turns in a new conversation: structured, regenerated, stopped, failed, and after a reset. */
async function somethingNew(client: Client, id: string, number: number): Promise<void> {
  const conversation = await client.join(id);
  const engine = structured[number % structured.length];
  await conversation.ask(`Look into ${number}.`, { options: { engine } });
  const again = await conversation.push("regenerate");
  await conversation.turn(again.response.turn_id);
  const stopped = await begin(conversation, `slow ${number}`);
  await conversation.push("stop", { turn_id: stopped });
  await conversation.turn(stopped);
  const failed = await conversation.ask(`fail:${failing[number % failing.length]} ${number}`, simple);
  if (failed.terminal.event !== "error") throw new Error(`No failure: ${JSON.stringify(failed.terminal)}`);
  await conversation.push("new_conversation");
  await conversation.ask(`Anew: ${number}`, simple);
}

/** One turn that nobody watches while it runs. */
async function leftAlone(client: Client, id: string, number: number): Promise<void> {
  const conversation = await client.join(id);
  const turnId = await begin(conversation, `slow ${number}`);
  await conversation.leave();
  const later = await client.join(id);
  await later.turn(turnId);
}

/** Sends a message, and waits for the first words of its answer. */
async function begin(conversation: Conversation, content: string): Promise<string> {
  const { response } = await conversation.push("message", { content, ...simple });
  await conversation.next("response_delta", ({ turn_id }) => turn_id === response.turn_id);
  return response.turn_id;
}
