import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { providerServers } from "../models/provider-servers.ts";
import { simple } from "../support/conversation.ts";
import { faults, isText, type ModelRequest } from "../support/model-server.ts";
import { shortSighted, tokensIn } from "../support/short-sighted.ts";
import { filesServer, png } from "./support.ts";

const providers = await providerServers();
const server = await filesServer({
  MODELS: "gpt-4,text-only,anthropic:claude-sonnet-4-5,ollama:llava,ollama:other",
  FALLBACK_MODELS: "gpt-4",
  MODEL_VISION: "ollama:other=no",
  RATE_LIMIT_CONNECTIONS: "0",
});
const client = await server.connect();
const { model } = server;
const image = png(3, 3);
const shot = await server.kept(image, { name: "shot.png" });
const base64 = image.toString("base64");

afterAll(async () => {
  await client.close();
  await server.close();
  await providers.close();
});

beforeEach(() => {
  model.reset();
  model.answer((request) => (isText(request) ? "Fine." : undefined));
  providers.reset();
});

async function ask(files: { file_id: string }[], extra: object = {}) {
  const conversation = await client.join(crypto.randomUUID());
  const attachments = files.map(({ file_id }) => ({ file_id }));
  return await conversation.ask("What is it?", { ...simple, attachments, ...extra });
}

const through = (name: string) => ({ llm_config: { model: name } });
const isOf = (name: string) => (request: ModelRequest) => request.model === name;

describe("files that are too long for the model", () => {
  it("are cut to its published context, in equal shares, and the answer's warnings say so", async () => {
    const [one, other] = [
      await server.kept(`ONE ${"word ".repeat(20_000)}END`, { name: "one.txt" }),
      await server.kept(`OTHER ${"word ".repeat(20_000)}END`, { name: "other.txt" }),
    ];
    const small = await server.kept("SMALL", { name: "small.txt" });
    const { terminal } = await ask([one, small, other], through("gpt-4"));
    const [request] = model.requests.filter(isOf("gpt-4"));
    expect(request && tokensIn(request)).toBeLessThan(8_192);
    const text = request?.user ?? "";
    expect(text).toMatch(/"name":"one\.txt".*"shown_characters":\d+,"all_characters":100007\}\n```\nONE/s);
    expect(text).toContain("OTHER word");
    expect(text).toContain('"name":"small.txt","media_type":"text/plain","message":"this one"}\n```\nSMALL\n```');
    expect(text).not.toContain("END");
    expect(terminal.payload.metadata.warnings).toEqual([
      expect.stringContaining('no room for all of "one.txt"'),
      expect.stringContaining('no room for all of "other.txt"'),
    ]);
  });
});

describe("images", () => {
  it("a fallback that cannot see answers without them, and says so", async () => {
    model.nextFor(isOf("test-model"), faults.badRequest);
    const { terminal } = await ask([shot]);
    const fallback = model.requests.find(isOf("gpt-4"));
    expect(model.requests[0]?.rawBody).toContain(base64);
    expect(fallback?.user).toContain(
      '"name":"shot.png","media_type":"image/png","message":"this one","left_out":true}',
    );
    expect(fallback?.rawBody).not.toContain("image_url");
    expect(terminal.payload.metadata).toMatchObject({
      fallback_model: "gpt-4",
      warnings: ['The model gpt-4 cannot see images; it answered without "shot.png".'],
    });
  });

  it("a server that says that its model cannot see gets the question without them, and the next image is refused", async () => {
    const blind = through("text-only");
    const error = { message: "text-only is not a multimodal model", type: "BadRequestError" };
    model.nextFor(isOf("text-only"), { status: 400, error });
    const { terminal } = await ask([shot], blind);
    expect(model.requests.filter(isOf("text-only"))).toHaveLength(2);
    expect(terminal.payload.metadata).toMatchObject({
      model_used: "text-only",
      warnings: ['The model text-only cannot see images; it answered without "shot.png".'],
    });
    const conversation = await client.join(crypto.randomUUID());
    const attachments = [{ file_id: shot.file_id }];
    const { response } = await conversation.push("message", { content: "", attachments, ...blind });
    expect(response).toMatchObject({ reason: "invalid_payload" });
  });

  it("go to Anthropic's API as its own blocks", async () => {
    await ask([shot], through("anthropic:claude-sonnet-4-5"));
    const [{ body } = expect.unreachable()] = providers.anthropic.requests;
    const { messages } = body as { messages: { content: unknown }[] };
    expect(messages.at(-1)?.content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: base64 } },
      { type: "text", text: expect.stringMatching(/shot\.png.*What is it\?$/s) },
    ]);
  });

  it("go to Ollama's API as its own list", async () => {
    await ask([shot], through("ollama:llava"));
    const [{ body } = expect.unreachable()] = providers.ollama.requests;
    const { messages } = body as { messages: object[] };
    expect(messages).toContainEqual(expect.objectContaining({ images: [base64] }));
  });

  it("are refused for a model that MODEL_VISION says is blind", async () => {
    const conversation = await client.join(crypto.randomUUID());
    const attachments = [{ file_id: shot.file_id }];
    const { response } = await conversation.push("message", { content: "", attachments, ...through("ollama:other") });
    expect(response).toMatchObject({ reason: "invalid_payload", details: { issues: [{ path: "attachments" }] } });
  });
});

describe("a server that finds a request too long", () => {
  it("gets it once more with less of the files", async () => {
    const seen = shortSighted(model, undefined, 2_000);
    const file = await server.kept("word ".repeat(4_000), { name: "long.txt" });
    const { terminal } = await ask([file]);
    expect(terminal.event).toBe("response");
    expect(model.requests.every(isOf("test-model"))).toBe(true);
    expect(seen.refused).toBeLessThan(4);
    expect(terminal.payload.metadata.warnings).toEqual([expect.stringContaining("long.txt")]);
  });
});
