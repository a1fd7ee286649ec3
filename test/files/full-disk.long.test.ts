import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

import { filesServer, refusal } from "./support.ts";

/** Only root may mount a small file system. */
const isRoot = process.getuid?.() === 0;

it.skipIf(!isRoot)(
  "a full disk refuses uploads, keeps nothing of them, and takes the next when it has room",
  async () => {
    const disk = mkdtempSync(join(tmpdir(), "files-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
    onTestFinished(() => {
      execFileSync("umount", ["--lazy", disk]);
      rmSync(disk, { recursive: true, force: true });
    });
    const folder = join(disk, "files");
    mkdirSync(folder);
    await using server = await filesServer({ FILES_DIR: folder });
    const bytes = "a".repeat(3_000_000);
    const { file_id } = await server.kept(bytes);
    writeFileSync(join(disk, "ballast"), Buffer.alloc(3_000_000));

    for (let times = 0; times < 3; times += 1) {
      const response = await server.upload(bytes);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await refusal(response)).toMatchObject({ status: 503, reason: "busy" });
      expect(readdirSync(join(folder, "arriving"))).toEqual([]);
    }
    expect(await (await server.get(file_id)).text()).toBe(bytes);
    rmSync(join(disk, "ballast"));
    expect((await server.upload(bytes)).status).toBe(201);
  },
);
