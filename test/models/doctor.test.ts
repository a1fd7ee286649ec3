import { spawn } from "node:child_process";
import { createServer as createTlsServer } from "node:https";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { printed } from "../../cli/doctor/print.ts";
import { loadPrompts } from "../../graphs/prompt.ts";
import { config } from "../../src/config.ts";
import { examineAll } from "../../src/doctor/examine.ts";
import { verdictOf } from "../../src/doctor/verdict.ts";
import { expired, key, selfSigned } from "../support/certificates.ts";
import {
  type ModelRequest,
  type ModelServer,
  type Reply,
  refusingUrl,
  startModelServer,
} from "../support/model-server.ts";
import { inherited } from "../support/spawned.ts";
import { listen } from "./support.ts";

const modelKey = "sk-own-canary-key";
let model: ModelServer;

beforeAll(async () => {
  model = await startModelServer({ checkRequests: false });
});
beforeEach(() => model.reset());
afterAll(() => model.close());

const settings = (env: Record<string, string>) => ({
  OPENAI_BASE_URL: model.url,
  OPENAI_API_KEY: modelKey,
  MODEL: "m",
  MODEL_TIMEOUT_MS: "1000",
  ...env,
});

function read(code: unknown, output: string) {
  expect(output).not.toMatch(/canary/);
  expect(output).not.toContain("\u001b");
  const lines = output.trimEnd().split("\n");
  return { code, output, lines, last: lines.at(-1) };
}

/** What the program prints and its exit code. */
async function run(env: Record<string, string> = {}, words: string[] = []) {
  const child = spawn(process.execPath, ["cli/doctor.ts", ...words], { env: { ...inherited(), ...settings(env) } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data;
    });
  }
  return read(await new Promise((resolve) => child.once("close", resolve)), output);
}

/** The same without a process of its own, which would take a second to start. */
async function doctor(env: Record<string, string> = {}) {
  const own = config(settings(env));
  const examined = await examineAll(own, loadPrompts(own.PROMPTS_DIR), AbortSignal.timeout(20_000));
  const verdict = verdictOf(own, examined);
  return read(verdict.isFit ? 0 : 1, printed(examined, verdict));
}

const refusal = (message: string, status = 400): Reply => ({ status, error: { message } });

describe("npm run doctor", () => {
  it("with a server that takes everything: three replies, costs, context, and fit for use", async () => {
    const { code, lines, last } = await run({ MODEL: "gpt-4.1-mini", FALLBACK_MODELS: "second" });
    expect(code).toBe(0);
    expect(lines.slice(0, 7)).toEqual([
      `gpt-4.1-mini · ${model.url}/chat/completions`,
      expect.stringMatching(/^ {2}plain {7}ok {4} +\d+ m?s$/),
      expect.stringMatching(/^ {2}streamed {4}ok {4} +\d+ m?s {3}first word after \d+ m?s$/),
      expect.stringMatching(/^ {2}structured {2}ok {4} +\d+ m?s {3}by its JSON schema$/),
      "  costs       US$ 0.40 in, 1.60 out, per million tokens",
      expect.stringMatching(/^ {2}context {5}1,[\d,]+ tokens$/),
      "",
    ]);
    expect(lines).toContain("  costs       price unknown: set MODEL_PRICES=second=input/output");
    expect(last).toBe("Fit for use.");
    const [whole, streamed, structured] = model.requests;
    expect([whole?.stream, streamed?.stream, structured?.structured, model.requests.length]).toEqual([
      false,
      true,
      true,
      6,
    ]);
  });

  it("with a wrong key: one request, what the server said, and which setting to check", async () => {
    model.answer(() => refusal(`Incorrect API key provided: ${modelKey}`, 401));
    const { code, lines, last } = await doctor();
    expect(code).toBe(1);
    expect(lines[1]).toMatch(/plain {7}failed .*401: Incorrect API key provided: …$/);
    expect(lines.slice(2, 4)).toEqual(["  streamed    not asked", "  structured  not asked"]);
    expect(last).toBe(
      "Not fit for use. m: The server does not accept the key: check OPENAI_API_KEY, and what the key may do.",
    );
    expect(model.requests).toHaveLength(1);
  });

  it("with an unknown model, also as a fallback", async () => {
    model.answer((request) => (request.model === "m" ? undefined : refusal("The model `n` does not exist", 404)));
    const { code, last } = await doctor({ FALLBACK_MODELS: "n" });
    expect({ code, last }).toEqual({
      code: 1,
      last: "Not fit for use. n: The server does not know the model n: check MODEL, MODELS and FALLBACK_MODELS, or load it there first.",
    });
  });

  it("with a base URL at whose path nothing is, and with one that only lacks its /v1", async () => {
    const root = model.url.replace("/v1", "");
    const [wrong, mended] = await Promise.all([
      doctor({ OPENAI_BASE_URL: `${root}/api/v3?key=canary` }),
      doctor({ OPENAI_BASE_URL: `${root}?key=canary` }),
    ]);
    expect(wrong.code).toBe(1);
    expect(wrong.last).toBe(
      "Not fit for use. m: Nothing answers at this path: check OPENAI_BASE_URL, which usually ends in /v1.",
    );
    expect(mended).toMatchObject({ code: 0, last: `Fit for use. OPENAI_BASE_URL should be ${model.url}.` });
  });

  it("with a server that refuses half of what it is asked: what was adapted, and fit for use", async () => {
    const refused: [string, (request: ModelRequest) => unknown][] = [
      ["stream is not supported", ({ stream }) => stream],
      ["temperature is not supported", ({ body }) => body.temperature],
      ["response_format is not supported", ({ responseFormat }) => responseFormat],
      ["tools are not supported", ({ body }) => body.tools],
    ];
    model.answer((request) => {
      const [message] = refused.find(([, isRefused]) => isRefused(request)) ?? [];
      return message === undefined ? undefined : refusal(message);
    });
    const { code, output, last } = await doctor();
    expect(code).toBe(0);
    expect(output).toMatch(/streamed {4}ok .*the model cannot stream: answers appear at once/);
    expect(output).toMatch(/structured {2}ok .*as text: the model takes neither a JSON schema nor tools/);
    expect(output).toContain("  adapted     without streaming\n              without temperature\n");
    expect(last).toBe("Fit for use: the server is asked without what it does not take.");
  });

  it("with a server that cannot be reached, or whose certificate cannot be trusted", async () => {
    const servers = [selfSigned, expired].map((cert) =>
      createTlsServer({ key, cert }, (_, response) => response.end()),
    );
    const [own, old] = await Promise.all(servers.map(async (one) => (await listen(one)).replace("http", "https")));
    const reports = await Promise.all([
      doctor({ OPENAI_BASE_URL: await refusingUrl() }),
      doctor({ OPENAI_BASE_URL: "http://model.invalid/v1" }),
      doctor({ OPENAI_BASE_URL: `${own}/v1` }),
      doctor({ OPENAI_BASE_URL: `${old}/v1` }),
    ]);
    for (const server of servers) server.close().closeAllConnections();
    expect(reports.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(reports.map(({ last }) => last)).toEqual([
      expect.stringMatching(
        /m: Nothing listens at 127\.0\.0\.1:\d+: start the model server, or check OPENAI_BASE_URL\.$/,
      ),
      expect.stringMatching(
        /m: The name of model\.invalid cannot be resolved: check OPENAI_BASE_URL, and the network\.$/,
      ),
      expect.stringMatching(
        /m: The certificate of \S+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): set NODE_EXTRA_CA_CERTS/,
      ),
      expect.stringMatching(/m: The certificate of \S+ has expired \(CERT_HAS_EXPIRED\): renew it there\.$/),
    ]);
  });

  it("with a server that never answers: within the limits, with the setting to raise", async () => {
    model.answer(() => ({ stallAfter: "request" }));
    const { code, last } = await doctor();
    expect(code).toBe(1);
    expect(last).toMatch(/sent nothing for 1 s\. If the model needs longer, raise MODEL_TIMEOUT_MS\.$/);
  });

  it("with a model that cannot write JSON, and one that has no plain replies", async () => {
    model.answer(({ structured, system }) =>
      structured || system.includes('"properties"') ? "I'd rather not" : undefined,
    );
    expect(await doctor()).toMatchObject({ code: 1, last: expect.stringContaining("use a model that can write JSON") });
    model.answer(({ stream }) => (stream ? undefined : refusal("This model only supports stream mode.")));
    expect(await doctor()).toMatchObject({ code: 0, last: "Fit for use." });
  });

  it("without a configured model: which settings to set; with a wrong setting: its name", async () => {
    const none = await doctor({ OPENAI_BASE_URL: "", OPENAI_API_KEY: "" });
    expect(none).toMatchObject({
      code: 1,
      last: expect.stringMatching(/demo model.*OPENAI_API_KEY.*OPENAI_BASE_URL and MODEL/),
    });
    const wrong = await run({ MODEL_TIMEOUT_MS: "soon" });
    expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining("MODEL_TIMEOUT_MS") });
  });

  it("for a provider whose package lacks its key", async () => {
    const { code, last } = await doctor({ MODEL: "anthropic:claude-x" });
    expect({ code, last }).toMatchObject({ code: 1, last: expect.stringContaining("ANTHROPIC_API_KEY") });
  });

  it("--json: the same for scripts", async () => {
    model.answer(() => refusal("No such key", 401));
    const { code, output } = await run({}, ["--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      fit: false,
      sentence: expect.stringContaining("check OPENAI_API_KEY"),
      models: [
        {
          model: "m",
          price: null,
          context_tokens: null,
          checks: [
            { kind: "plain", result: "failed", trouble: { status: 401, said: "No such key" } },
            { kind: "streamed", result: "skipped" },
            { kind: "structured", result: "skipped" },
          ],
        },
      ],
    });
  });
});
