import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

import { projectWith } from "../stock/engines.ts";
import { overlaid } from "../stock/overlay.ts";
import { startModelServer } from "../support/model-server.ts";
import { inherited, spawnServer } from "../support/spawned.ts";
import { toolEngines } from "./tool-engines.ts";

it("npm run replay runs a turn's tools only with --tools live, and says where results come from", async () => {
  using project = projectWith(toolEngines.source, toolEngines.graphs);
  const { folder } = project;
  writeFileSync(join(folder, "replay.ts"), overlaid(folder).replace("src/main.ts", "cli/replay/main.ts"));
  const model = await startModelServer();
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/data/test.db`, MODEL: "m" };
  const ran = () => readFileSync(join(folder, "ran"), "utf8");
  const replay = async (...words: string[]) => {
    model.next({ toolCalls: [{ name: "weather", args: { city: "Rome" }, id: "c1" }] }, "Sunny there.");
    const command = ["replay.ts", ...words];
    return await promisify(execFile)(process.execPath, command, { cwd: folder, env: { ...inherited(), ...env } });
  };
  try {
    await using server = await spawnServer(env, folder);
    await using client = await server.connect();
    model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "Sunny here.");
    const { turnId } = await (await client.join("c")).ask("Weather?", { options: { engine: "agent" } });
    expect((await replay(turnId)).stdout).toContain(
      'tool weather({"city":"Rome"}): recorded result of the input {"city":"Oslo"}\n',
    );
    expect(ran()).toBe("weather\n");
    expect((await replay(turnId, "--tools", "live")).stdout).toContain('tool weather({"city":"Rome"}): run again\n');
    expect(ran()).toBe("weather\nweather\n");
  } finally {
    await model.close();
  }
});
