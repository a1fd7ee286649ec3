import type { Action, Plan, Target } from "./actions.ts";
import { type Device, device, type Kind } from "./device.ts";
import { type Op, patienceMs, record } from "./record.ts";
import { samplingOf, scripts } from "./script.ts";

export type Run = Awaited<ReturnType<typeof run>>;

interface Server {
  url(): string;
  restart(): Promise<void>;
}

type Push = Pick<Op, "event" | "payload" | "script">;

/** One conversation with its devices, on which actions are run. */
export async function run(server: Server, name: string) {
  const pushes = record();
  const script = scripts(name);
  const devices: Device[] = [];
  const ids: string[] = [];
  const counts: Record<string, number> = {};
  await enter("cursor");
  await enter("plain");

  async function enter(kind: Kind): Promise<void> {
    devices.push(await device(server.url, name, `${kind} ${devices.length}`, kind));
  }

  const here = () => devices.filter(({ hasLeft }) => !hasLeft);
  const up = () => here().filter(({ isUp }) => isUp);
  const away = () => here().filter(({ isUp }) => !isUp);

  function targeted(target: Target): { turn_id?: string } {
    if (target === "none") return {};
    const known = pushes.accepted().map(({ reply }) => reply?.response.turn_id);
    return { turn_id: target === "unknown" ? "unknown" : (known[target % known.length] ?? "unknown") };
  }

  function message({ whenBusy, engine, id, plan, way }: Extract<Action, { do: "message" }>): Push {
    const content = `${name} message ${pushes.ops.length}`;
    const own = script.add(plan, content);
    const needsId = way === "lost" || way === "replyLost";
    const repeated = typeof id === "number" && !needsId ? ids[id % ids.length] : undefined;
    const clientId = repeated ?? (id === "none" && !needsId ? undefined : `id ${pushes.ops.length}`);
    if (clientId !== undefined && repeated === undefined) ids.push(clientId);
    const options = { engine, when_busy: whenBusy };
    return { event: "message", payload: { content, options, llm_config: samplingOf(own), id: clientId }, script: own };
  }

  /** Has its own sampling, and the content of the turn that it replaces. */
  function regenerate(target: Target, plan: Plan): Push {
    const own = script.add(plan, undefined);
    return { event: "regenerate", payload: { ...targeted(target), llm_config: samplingOf(own) }, script: own };
  }

  /** Has its own content, and the sampling of the turn that it edits. */
  function edit(target: Target, plan: Plan): Push {
    const content = `${name} edit ${pushes.ops.length}`;
    const { turn_id } = targeted(target);
    const known = pushes.accepted().find(({ reply }) => reply?.response.turn_id === turn_id);
    return { event: "edit", payload: { turn_id, content }, script: script.add(plan, content, known?.script?.tag) };
  }

  /** The push of an action; undefined if it is not a push. */
  function pushOf(action: Action): Push | undefined {
    const plain = (payload: Op["payload"]): Push => ({ event: action.do, payload, script: undefined });
    switch (action.do) {
      case "message":
        return message(action);
      case "regenerate":
        return regenerate(action.target, action.plan);
      case "edit":
        return edit(action.target, action.plan);
      case "stop":
        return plain(targeted(action.target));
      case "feedback":
        return plain({ ...targeted(action.target), score: 1 });
      case "new_conversation":
        return plain({});
      case "set_context":
        return plain({ context: { [`key ${pushes.ops.length}`]: true } });
      case "get_history":
        return plain({ limit: action.limit, before: targeted(action.before).turn_id });
      default:
        return undefined;
    }
  }

  /** Uses the chosen device, or another connected one. */
  async function push(action: Extract<Action, { way: string }>): Promise<void> {
    const by = up()[action.device % up().length];
    const pushed = by && pushOf(action);
    if (!pushed) return;
    if (action.way === "waits" || action.way === "goesOn") return pushes.push(by, action.way, pushed);
    await pushes.replies();
    await pushes.pushTwice(by, action.way === "replyLost", pushed);
  }

  async function release(target: number, pieces: number | "all"): Promise<void> {
    const held = script.all.filter(({ isHeld }) => isHeld);
    held[target % held.length]?.release(pieces);
    if (pieces !== "all") await roundTrip();
  }

  /** Gives the first pieces of an answer time to arrive. */
  async function roundTrip(): Promise<void> {
    for (const { conversation } of up()) await conversation.push("typing", { typing: false }, patienceMs);
  }

  async function settle(): Promise<void> {
    for (const one of script.all) one.release("all");
    await pushes.replies();
    const [first] = up();
    if (first) await seeToTheEnd(first, [first]);
  }

  /** Waits until these devices have seen the end of every turn in the history. */
  async function seeToTheEnd({ conversation }: Device, devices: Device[]): Promise<void> {
    const { response } = await conversation.push("get_history", { limit: 200 }, patienceMs);
    for (const { turn_id } of response.turns) {
      for (const one of devices) await one.conversation.turn(turn_id, patienceMs);
    }
  }

  async function act(action: Action): Promise<void> {
    counts[action.do] = (counts[action.do] ?? 0) + 1;
    if ("way" in action) return push(action);
    switch (action.do) {
      case "release":
        return release(action.target, action.pieces);
      case "drop":
      case "blink": {
        const dropped = up()[action.device % up().length];
        await pushes.replies(dropped);
        dropped?.cut();
        return action.do === "blink" ? dropped?.back() : undefined;
      }
      case "return":
        return away()[action.device % away().length]?.back();
      case "join":
        return here().length < 3 ? enter(action.kind) : undefined;
      case "leave": {
        const guest = up().find((one) => devices.indexOf(one) > 1);
        await pushes.replies(guest);
        return guest?.leave();
      }
      case "settle":
        return settle();
      case "restart": {
        await pushes.replies();
        const rejoined = up().map((one) => one.rejoined());
        await server.restart();
        return void (await Promise.all(rejoined));
      }
      default:
        action satisfies never;
    }
  }

  return {
    ops: pushes.ops,
    scripts: script,
    devices,
    counts,
    act,
    /** Releases everything, reconnects every device and waits for the end of every turn, so that all events have arrived. */
    async finish(): Promise<void> {
      await Promise.all(away().map((one) => one.back()));
      await settle();
      const [first] = here();
      if (first) await seeToTheEnd(first, here());
      for (const { request } of script.asked) await request.closed;
      for (const one of here())
        await pushes.push(one, "waits", { event: "get_history", payload: { limit: 200 }, script: undefined });
    },
    async close(): Promise<void> {
      for (const one of script.all) one.release("all");
      await Promise.all(devices.map((one) => one.close()));
    },
  };
}
