import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { form, pdf, textPage } from "../files/support.ts";
import { connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { freePort } from "../support/free-port.ts";
import { gate, isText, startModelServer } from "../support/model-server.ts";
import { command } from "./support/command.ts";
import { startContainer } from "./support/container.ts";
import { builtImage, type Image } from "./support/image.ts";

describe("the image", () => {
  const data = mkdtempSync(join(tmpdir(), "data-"));
  let image: Image;
  beforeAll(async () => {
    image = await builtImage();
  });
  afterAll(() => {
    image?.[Symbol.dispose]();
    rmSync(data, { recursive: true, force: true });
  });

  async function started(env: Record<string, string> = {}) {
    const port = String(await freePort());
    const container = await startContainer(image, {
      data,
      env: { PORT: port, API_KEYS: "key-a=user-a", LOG_LEVEL: "info", ...env },
    });
    return { container, http: `http://127.0.0.1:${port}`, url: `ws://127.0.0.1:${port}/socket` };
  }

  async function startOnce(): Promise<number> {
    const { container } = await started();
    await using _ = container;
    return container.startMs;
  }

  it("is small, names a user other than root, and starts node itself", async () => {
    expect(Number.parseFloat(image.size), image.size).toBeLessThanOrEqual(400);
    expect(image.size).toMatch(/ MB$/);
    expect(image.config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(image.config.Cmd[0]).toBe("node");
    const packages = await command("ls", [join(image.files, "app/node_modules")]);
    expect(packages).not.toMatch(/^(vitest|typescript|playwright-core|npm)$/m);
    await expect(command("ls", [join(image.files, "app/test")])).rejects.toThrow("No such file");
  });

  it("starts within 3 s on a read-only file system, as process 1, without any privileges", async () => {
    const startsMs = [await startOnce(), await startOnce()];
    const { container, http } = await started();
    await using _ = container;
    expect(Math.min(...startsMs, container.startMs)).toBeLessThan(3_000); // the best, since other programs use the machine, too
    const status = container.status();
    expect(status).toMatch(/^Uid:\s+10001\s/m);
    expect(status).toMatch(/^NSpid:.*\s1$/m);
    expect(status).toMatch(/^Name:\s+(node|MainThread)$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    await expect(container.exec("touch", "/app/x")).rejects.toThrow("Read-only file system");
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    const page = await fetch(http);
    expect(await page.text()).toContain("assets/scripts/main-");
    expect((await fetch(`${http}/assets/client/conversation.ts`)).status).toBe(200);
    expect(container.output.join("\n")).not.toMatch(/ENOENT|EROFS|EACCES|Warning|api_key/);
  });

  it("is healthy while it runs, and unhealthy if nothing listens", async () => {
    const { container } = await started();
    await using _ = container;
    const [kind, ...check] = image.config.Healthcheck.Test;
    expect(kind).toBe("CMD");
    await container.exec(...check);
    await expect(container.exec("env", "PORT=1", ...check)).rejects.toThrow();
  });

  it("makes a backup while it runs", async () => {
    const { container } = await started();
    await using _ = container;
    await container.exec("node", "cli/backup.ts", "/data/backup.db");
    expect(statSync(join(data, "backup.db")).size).toBeGreaterThan(10_000);
  });

  it("keeps uploaded files in the volume, and reads PDFs in a thread of its own", async () => {
    const { container, http } = await started();
    await using _ = container;
    const upload = { method: "POST", headers: { authorization: "Bearer key-a" }, body: form(pdf([textPage("Hello")])) };
    const response = await fetch(`${http}/files`, upload);
    expect(response.status).toBe(201);
    const { file_id } = (await response.json()) as { file_id: string };
    expect(readFileSync(join(data, "files", file_id, "pages.json"), "utf8")).toBe('[{"page":1,"text":"Hello"}]');
  });

  it("drains on SIGTERM: the turn ends, sockets close with 1012, and the next container has the conversation", async () => {
    await using model = await startModelServer();
    const held = gate();
    model.nextFor(isText, { text: "An answer that takes its time.", gate: held });
    const env = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "test", MODEL: "gpt-test" };
    let turnId = "";
    {
      const { container, url } = await started(env);
      await using _ = container;
      await using client = await connect(url, { apiKey: "key-a" });
      const conversation = await client.join("from-image");
      const { response } = await conversation.push("message", { content: "Hello?", ...simple });
      turnId = response.turn_id;
      await held.held();
      await container.stop();
      await expect.poll(() => container.output.join("\n")).toContain("shutting down");
      held.open();
      expect((await conversation.turn(turnId)).text).toBe("An answer that takes its time.");
      expect(await client.closed()).toMatchObject({ code: 1012 });
      expect(await container.exited).toBe(0);
    }
    const { container, url } = await started(env);
    await using _ = container;
    await using client = await connect(url, { apiKey: "key-a" });
    const conversation = await client.join("from-image");
    expect(conversation.joins[0]).toMatchObject({ last_turn_id: turnId });
  });
});
