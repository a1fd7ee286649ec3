import { type Conversation, conversation } from "../client/conversation.ts";
import type { Row } from "../figures.ts";
import type { Measured } from "../program.ts";
import type { Asked } from "../programs/agent.ts";
import { profiled, type Stage } from "../stage.ts";

const conversations = 20;
const turnsEach = 10;
const pace = { tokens: 10, firstMs: 0, everyMs: 0, gated: false };

/** Of the long answers. Each is read alone. */
const tokens = 510;
const long = { ...pace, tokens, everyMs: 2 };

interface Asking {
  program: Measured;
  /** Asks all conversations once. */
  ask(pace: object): Promise<unknown>;
}

/** A `createAgent` without tools, which asks the server's model. */
export function agents(stage: Stage): Row {
  async function served(engine: string): Promise<Asking & { close(): void }> {
    const program = await stage.agents();
    const open = (): Promise<Conversation> => conversation(program.url, undefined, engine);
    const all = await Promise.all(Array.from({ length: conversations }, open));
    return {
      program,
      ask: (pace) => Promise.all(all.map((one) => one.ask(pace).ended)),
      close() {
        for (const one of all) one.close();
      },
    };
  }

  async function invoked(): Promise<Asking> {
    const program = await stage.agent();
    const ids = Array.from({ length: conversations }, () => crypto.randomUUID());
    return {
      program,
      async ask(pace) {
        const body: Asked = { conversations: ids, question: `bench ${JSON.stringify(pace)}` };
        await fetch(program.url, { method: "POST", body: JSON.stringify(body) });
      },
    };
  }

  /** CPU of a turn in ms. */
  async function cost({ program, ask }: Asking, pace: object): Promise<number> {
    const before = await program.cpu();
    await ask(pace);
    return ((await program.cpu()) - before) / conversations / 1000;
  }

  return {
    title: "A `createAgent` without tools as an engine",
    async round() {
      const [agent, silent, simple] = [await served("agent"), await served("silent"), await served("simple")];
      const invoke = await invoked();
      const sum = { agent: 0, silent: 0, simple: 0, invoke: 0 };
      // Turn by turn, so that what else the machine does affects all alike.
      await profiled(stage, await stage.agents(), "agents", async () => {
        for (let turn = 0; turn < turnsEach; turn += 1) {
          sum.invoke += (await cost(invoke, pace)) / turnsEach;
          sum.agent += (await cost(agent, pace)) / turnsEach;
          sum.silent += (await cost(silent, pace)) / turnsEach;
          sum.simple += (await cost(simple, pace)) / turnsEach;
        }
      });
      const perToken = (short: number, long: number) => ((long - short) / (tokens - pace.tokens)) * 1000;
      const simpleToken = perToken(sum.simple, await cost(simple, long));
      const agentToken = perToken(sum.agent, await cost(agent, long));
      for (const one of [agent, silent, simple]) one.close();
      return [
        {
          name: "CPU, less that of a turn without a model (bare: its own `invoke`)",
          unit: "ms per turn",
          bare: sum.invoke,
          server: sum.agent - sum.silent,
          by: "ratio",
          goal: "≤ 1.5",
        },
        {
          name: "CPU (bare: the engine `simple`)",
          unit: "ms per turn",
          bare: sum.simple,
          server: sum.agent,
          by: "ratio",
        },
        {
          name: "CPU of a token (bare: the engine `simple`)",
          unit: "µs",
          bare: simpleToken,
          server: agentToken,
          by: "difference",
          goal: "≤ 15",
        },
      ];
    },
  };
}
