import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { statusOf } from "../auth/support.ts";
import { link, listening, run, stopped, workingFolder } from "./support.ts";

const dev = { isDev: true };

describe("under npm run dev", { retry: 2 }, () => {
  it("the made key is kept under data/ for its owner only, so that an open page survives restarts", async () => {
    const folder = workingFolder();
    const first = run(folder, {}, dev);
    const before = new URL(await first.printed(link)).hash;
    await stopped(first);
    const kept = join(folder, "data", "dev-api-key");
    expect(before).toBe(`#api_key=${readFileSync(kept, "utf8").trim()}`);
    expect((statSync(kept).mode & 0o777).toString(8)).toBe("600");
    expect(new URL(await run(folder, {}, dev).printed(link)).hash).toBe(before);
  });

  it("an .env file that is created, edited, replaced or removed is seen", async () => {
    const folder = workingFolder();
    const file = join(folder, ".env");
    const server = run(folder, {}, dev);
    await server.printed(listening);

    async function restarted(change: () => void): Promise<string> {
      const from = server.output.length;
      change();
      return await server.printed(listening, from);
    }
    const created = await restarted(() => writeFileSync(file, "API_KEYS=k-alice=alice\n"));
    expect(await statusOf(created, { apiKey: "k-alice" })).toBe(101);
    const edited = await restarted(() => writeFileSync(file, "API_KEYS=k-bob=bob\n"));
    expect(await statusOf(edited, { apiKey: "k-alice" })).toBe(403);
    const replaced = await restarted(() => {
      writeFileSync(`${file}.new`, "API_KEYS=k-carol=carol\n");
      renameSync(`${file}.new`, file);
    });
    expect(await statusOf(replaced, { apiKey: "k-carol" })).toBe(101);
    const removed = await restarted(() => rmSync(file));
    expect(await statusOf(removed, { apiKey: "k-carol" })).toBe(403);
    expect(await stopped(server)).toEqual([0, null]);
  });

  it("an .env file that is not valid is logged, and the server goes on as it is", async () => {
    const folder = workingFolder();
    const server = run(folder, { API_KEYS: "k-alice=alice" }, dev);
    const url = await server.printed(listening);
    writeFileSync(join(folder, ".env"), "MODEL_TIMEOUT_MS=soon\n");
    expect(await server.printed(/(\.env is not used: [^"]*)/)).toContain("MODEL_TIMEOUT_MS: expected a whole number");
    rmSync(join(folder, ".env"));
    mkdirSync(join(folder, ".env"));
    expect(await server.printed(/(cannot be read: it is a folder)/)).toBeTruthy();
    expect(await statusOf(url, { apiKey: "k-alice" })).toBe(101);
  });
});
