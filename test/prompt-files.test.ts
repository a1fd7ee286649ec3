import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import type { Conversation } from "./support/client.ts";
import { simple } from "./support/conversation.ts";
import { start } from "./support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "prompts-"));
cpSync("prompts", folder, { recursive: true });
const file = join(folder, "simple.md");
const frontMatter = "---\ndescription: x\n---\n";

const write = (text: string, encoding: BufferEncoding = "utf8") => writeFileSync(file, text, encoding);

write("\uFEFF---  \r\ndescription: Note: answers\r\nmodel:\r\n---\t\r\n\r\nFrom Windows.\r\nTwo lines.\r\n");
writeFileSync(join(folder, "simple copy.md"), "---\na: {{\n");
writeFileSync(join(folder, "simple.old.md"), frontMatter);
writeFileSync(join(folder, "NOTES.md"), "Notes.\n");
const server = await start({
  PROMPTS_DIR: folder,
  PLAYGROUND_EDIT: "1",
  WORKBENCH_KEYS: "key-a",
  RATE_LIMIT_MESSAGES: "0",
});
const client = await server.connect();
const id = crypto.randomUUID();
const conversation = await client.join(id);
const bench = await client.join(`workbench:${id}`);

afterAll(async () => {
  await client.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function instructions(from: Conversation = conversation): Promise<string> {
  await from.ask("Hi", simple);
  return server.model.requests.at(-1)?.system ?? "";
}

async function listed() {
  const { prompts } = (await bench.push("get_prompts")).response;
  return prompts.find(({ name }) => name === "simple") ?? expect.unreachable();
}

const used = (text: string) => expect.poll(() => instructions(), { timeout: 5_000 }).toBe(text);
const faulty = (fault: string) =>
  expect.poll(async () => (await listed()).fault, { timeout: 5_000 }).toContain(`simple.md: ${fault}`);

describe("prompt files from elsewhere", () => {
  it("a file with a byte order mark, CRLF and blanks after the dashes is read like any other", async () => {
    expect(await instructions()).toBe("From Windows.\nTwo lines.");
  });

  it("other files beside the prompts are nobody's business", async () => {
    const { prompts } = (await bench.push("get_prompts")).response;
    expect(prompts.map(({ name }) => name).filter((name) => /copy|old|NOTES|README/.test(name))).toEqual([]);
  });

  it("what the workbench saves keeps the file's byte order mark and line endings", async () => {
    const { source, hash } = await listed();
    expect(source).not.toMatch(/\r|\uFEFF/);
    const saved = await bench.push("save_prompt", { name: "simple", source: `${source}Three.\n`, was: hash });
    expect(readFileSync(file, "utf8")).toMatch(/^\uFEFF--- {2}\r\n.*\r\nTwo lines\.\r\nThree\.\r\n$/s);
    expect(await listed()).toMatchObject({ hash: saved.response.hash, fault: null });
    expect(await instructions()).toBe("From Windows.\nTwo lines.\nThree.");
  });

  it("other line endings are no conflict, and have no other hash", async () => {
    const { source, hash } = await listed();
    write(source);
    const saved = await bench.push("save_prompt", { name: "simple", source: `${source}\r\nFour.\r\n`, was: hash });
    expect(saved.status).toBe("ok");
    expect(readFileSync(file, "utf8")).toBe(`${source}\nFour.\n`);
  });

  it("Latin-1 is refused with its line, shown as it was meant, and becomes UTF-8 when it is saved", async () => {
    write(`${frontMatter}Grüße.\n`);
    await used("Grüße.");
    write(`${frontMatter}Später.\n`, "latin1");
    await faulty("the file is not UTF-8 (line 4); save it with the encoding UTF-8");
    expect(await instructions()).toBe("Grüße.");
    const { source, hash } = await listed();
    expect(source).toBe(`${frontMatter}Später.\n`);
    const { response } = await bench.push("save_prompt", { name: "simple", source, was: hash });
    expect(response).toMatchObject({ reason: "edit_conflict", details: { source } });
    await bench.push("save_prompt", { name: "simple", source, was: response.details?.hash });
    expect(await instructions()).toBe("Später.");
    expect(readFileSync(file, "utf8")).toBe(source);
  });

  it("UTF-16, as PowerShell writes it, is refused by name", async () => {
    write(`\uFEFF${frontMatter}Wide.\n`, "utf16le");
    await faulty("the file is UTF-16; save it with the encoding UTF-8");
    expect((await listed()).source).toBe(`${frontMatter}Wide.\n`);
    await expect(start({ PROMPTS_DIR: folder })).rejects.toThrow(/PROMPTS_DIR: .*simple\.md: the file is UTF-16/);
    write(`${frontMatter}Narrow.\n`);
    await used("Narrow.");
  });

  it("a file that is changed into a faulty one beside the prompts changes nothing", async () => {
    writeFileSync(join(folder, "NOTES.md"), "{{#", "latin1");
    write(`${frontMatter}\\{{plan}}\n`);
    await used("{{plan}}");
  });
});
