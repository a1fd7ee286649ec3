import { afterAll, describe, expect, it } from "vitest";

import { faults } from "../support/model-server.ts";
import { filesServer, png } from "./support.ts";

const server = await filesServer({ ENGINES: "+assistant", FALLBACK_MODELS: "gpt-4", FILE_MAX_MB: "20" });
const client = await server.connect();
const { model } = server;

afterAll(async () => {
  await client.close();
  await server.close();
});

const assistant = { options: { engine: "assistant" } };
const attached = (...files: { file_id: string }[]) => files.map(({ file_id }) => ({ file_id }));

describe("a stock graph", () => {
  it("gets the files as blocks of the question, those of earlier messages too, and its sources go on from theirs", async () => {
    const [notes, shot] = [
      await server.kept("The cache holds 40 entries.", { name: "notes.md" }),
      await server.kept(png(2, 2), { name: "shot.png" }),
    ];
    const conversation = await client.join(crypto.randomUUID(), { preferences: { include_sources: true } });
    model.next({ toolCalls: [{ name: "search_files", args: { query: "cache entries" } }] }, "It holds 40 entries [1].");
    const extra = { ...assistant, attachments: attached(notes, shot) };
    const { terminal } = await conversation.ask("How many entries?", extra);
    const [first, second] = model.requests;
    expect(first?.messages.at(-1)).toMatchObject({
      role: "user",
      content: [
        { type: "image_url", image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) } },
        {
          type: "text",
          text: expect.stringMatching(/The cache holds.*"number": 1,\s+"title": "notes\.md".*How many entries\?$/s),
        },
      ],
    });
    expect(JSON.stringify(second?.messages.at(-1))).toContain("source");
    expect(terminal.payload.metadata.sources).toMatchObject([
      { title: "notes.md", file_id: notes.file_id },
      { title: "shot.png", file_id: shot.file_id },
      { title: "notes.md", quote: expect.stringContaining("40 entries") },
    ]);

    model.next("It is small.");
    await conversation.ask("And the picture?", assistant);
    const last = model.requests.at(-1);
    expect(JSON.stringify(last?.messages)).toContain(
      '[attached: \\"notes.md\\" (text/plain), \\"shot.png\\" (image/png)]',
    );
    expect(last?.messages.at(-1)?.content).toMatchObject([
      { type: "image_url" },
      { text: expect.stringContaining("earlier") },
    ]);
    expect(last?.rawBody.split("base64,")).toHaveLength(2);
  });

  it("is answered without the images by a fallback that cannot see", async () => {
    const shot = await server.kept(png(2, 2), { name: "shot.png" });
    const conversation = await client.join(crypto.randomUUID());
    model.reset();
    model.nextFor((request) => request.model !== "gpt-4", faults.badRequest);
    model.answer(() => "I see nothing.");
    const { terminal } = await conversation.ask("What is it?", { ...assistant, attachments: attached(shot) });
    expect(model.requests.at(-1)).toMatchObject({ model: "gpt-4", user: expect.stringContaining("[image left out]") });
    expect(model.requests.at(-1)?.rawBody).not.toContain("base64");
    expect(terminal.payload.metadata.warnings).toContain(
      "The model gpt-4 cannot see images; it answered without them.",
    );
  });

  it("images of more than 20 MB together are refused before the turn is accepted", async () => {
    const large = Buffer.concat([png(2, 2), Buffer.alloc(11_000_000)]);
    const [one, other] = [await server.kept(large, { name: "1.png" }), await server.kept(large, { name: "2.png" })];
    const conversation = await client.join(crypto.randomUUID());
    const { response } = await conversation.push("message", { content: "", attachments: attached(one, other) });
    expect(response).toMatchObject({ reason: "invalid_payload", message: expect.stringContaining("20 MB together") });
  });
});
