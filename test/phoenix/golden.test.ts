import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CUT_TEXTS, ELSEWHERE, LIMITS, OURS } from "./support/golden-differences.ts";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

type Step = { dir: "send" | "recv"; json?: unknown; text?: string; bin?: string; close?: number };
interface Scenario {
  file: string;
  name: string;
  steps: Step[];
}

const scenarios: Scenario[] = JSON.parse(readFileSync(new URL("../data/golden.json", import.meta.url), "utf8"));

describe("a recorded scenario of a real Phoenix server", () => {
  it.concurrent.for(scenarios.filter(({ name }) => !ELSEWHERE[name]))("$file: $name", async ({ name, steps }, test) => {
    const { url } = await serveRoom({ limits: LIMITS[name] ?? {} }, test.onTestFinished);
    const client = await rawClient(url, versionOf(name));
    const texts = [...(CUT_TEXTS[name] ?? [])];
    const expected =
      OURS[name]?.received ?? steps.filter(({ dir }) => dir === "recv").map(({ dir: _, ...step }) => step);

    const received: object[] = [];
    const hear = async () => {
      const heard = await client.next();
      received.push("close" in heard ? { close: heard.close } : heard);
    };
    for (const step of steps) {
      if (step.dir === "recv") {
        // Where our answers differ, nothing may arrive at this point, so everything is sent without waiting.
        if (!OURS[name]) await hear();
      } else if (step.bin !== undefined) client.webSocket.send(Buffer.from(step.bin, "hex"));
      else if (step.text !== undefined) client.webSocket.send(texts.shift() ?? step.text);
      else client.send(step.json);
    }
    while (received.length < expected.length) await hear();
    test.expect(received).toEqual(expected);
    const ended = received.some((heard) => "close" in heard);
    if (!ended) test.expect(await client.settled()).toEqual([]);
  });

  it("is listed in golden-differences.ts if it is not replayed as recorded", () => {
    const names = new Set(scenarios.map(({ name }) => name));
    for (const name of [...Object.keys(ELSEWHERE), ...Object.keys(CUT_TEXTS), ...Object.keys(OURS)]) {
      expect(names).toContain(name);
    }
    const cut = scenarios.filter(({ steps }) =>
      steps.some(({ dir, text }) => dir === "send" && text?.includes("...(")),
    );
    for (const { name } of cut) expect(Object.keys(CUT_TEXTS)).toContain(name);
  });
});

function versionOf(name: string): string | null {
  if (name.startsWith("no vsn")) return null;
  return name.startsWith("V1") ? "1.0.0" : "2.0.0";
}
