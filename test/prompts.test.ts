import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import "../graphs/conversation.ts";
import { loadPrompts } from "../graphs/prompt.ts";
import { start } from "./support/start.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prompts-"));
  cpSync("prompts", folder, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

describe("prompt files", () => {
  it("every prompt file is used by a graph, and every prompt that graphs use has a file", () => {
    const files = readdirSync("prompts").filter((file) => file !== "README.md");
    expect([...loadPrompts("prompts").keys()].map((name) => `${name}.md`).sort()).toEqual(files.sort());
  });

  it.each([
    ["a file that is missing", () => rmSync(join(folder, "simple.md")), /simple\.md: the file is missing/],
    [
      "an unknown variable",
      () => write("simple.md", "---\ndescription: x\n---\n{{nmae}}\n"),
      /simple\.md: unknown variable \{\{nmae\}\}/,
    ],
    [
      "a missing variable",
      () => write("router.md", "---\ndescription: x\n---\nRoute it.\n"),
      /router\.md: missing variable \{\{menu\}\}/,
    ],
    ["no front matter", () => write("simple.md", "You answer.\n"), /simple\.md: expected YAML front matter/],
    ["broken YAML", () => write("simple.md", "---\na: b: c\n---\nx\n"), /simple\.md: front matter/],
    [
      "an unknown setting",
      () => write("simple.md", "---\ndescription: x\ntop_k: 3\n---\nx\n"),
      /simple\.md: front matter.*top_k/s,
    ],
    [
      "a setting out of range",
      () => write("simple.md", "---\ndescription: x\ntemperature: 3\n---\nx\n"),
      /simple\.md: front matter.*temperature/s,
    ],
    ["no text", () => write("simple.md", "---\ndescription: x\n---\n\n"), /simple\.md: the text is empty/],
    ["a section", () => write("simple.md", "---\ndescription: x\n---\n{{#a}}\n"), /simple\.md: /],
  ])("a prompt file with %s stops the start, with a message that names file and fault", (_fault, spoil, message) => {
    spoil();
    expect(() => loadPrompts(folder)).toThrow(message);
  });

  it("a saved prompt file is reloaded, also after a rename, and an invalid one changes nothing", async () => {
    await using started = await start({ PROMPTS_DIR: folder });
    await using client = await started.connect();
    const conversation = await client.join("edited");
    const instructions = async () => {
      await conversation.ask("hello?", { options: { engine: "simple" } });
      return started.model.requests.at(-1)?.system ?? "";
    };
    const changed = async (text: string) => await expect.poll(instructions, { timeout: 5_000 }).toContain(text);

    expect(await instructions()).toContain("helpful, precise");
    const words = readFileSync(join(folder, "simple.md"), "utf8");
    write("simple.md", words.replace("helpful, precise", "grumpy"));
    await changed("grumpy");
    write("simple.md.tmp", words.replace("helpful, precise", "cheerful"));
    renameSync(join(folder, "simple.md.tmp"), join(folder, "simple.md"));
    await changed("cheerful");
    write("simple.md", "---\ndescription: x\n---\n{{nonsense}}\n");
    write("router.md", readFileSync(join(folder, "router.md"), "utf8"));
    expect(await instructions()).toContain("cheerful");
  });

  it("a prompt file sets temperature, length and model unless message or preferences do", async () => {
    write(
      "simple.md",
      "---\ndescription: x\ntemperature: 0.3\nmax_tokens: 77\ntop_p: 0.5\nmodel: house-model\n---\nAnswer.\n",
    );
    await using started = await start({ PROMPTS_DIR: folder });
    await using client = await started.connect();
    const conversation = await client.join("sampled", { preferences: { temperature: 0.6, max_tokens: 66 } });
    await conversation.ask("hello?", { options: { engine: "simple" }, llm_config: { temperature: 0.9 } });
    expect(started.model.requests.at(-1)?.body).toMatchObject({
      model: "house-model",
      temperature: 0.9,
      max_tokens: 66,
      top_p: 0.5,
    });
  });
});
