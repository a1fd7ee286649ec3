import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { baseImages } from "./base-images.ts";
import { command } from "./command.ts";

/** Runs buildah with a storage of its own. */
export type Buildah = (...args: string[]) => Promise<string>;

/** What an image says of how to run it. */
interface ImageConfig {
  User: string;
  Env: string[];
  Cmd: string[];
  WorkingDir: string;
  Healthcheck: { Test: string[] };
}

export type Image = Awaited<ReturnType<typeof builtImage>>;

/** Builds `deploy/Dockerfile` as `docker build` would. */
export async function builtImage() {
  const folder = mkdtempSync(join(tmpdir(), "image-"));
  const place = ["--root", join(folder, "storage"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const buildah: Buildah = (...args) => command("buildah", [...place, ...args], { BUILDAH_ISOLATION: "chroot" });
  const bases = await baseImages(buildah, folder);
  const name = "localhost/conversation-channel:1";
  const began = performance.now();
  const npmCache = ["--volume", `${homedir()}/.npm:/root/.npm`];
  const chosen = ["--build-arg", `BUILD_IMAGE=${bases.build}`, "--build-arg", `RUN_IMAGE=${bases.run}`];
  // Only Docker's format has health checks.
  const build = ["bud", "--quiet", "--format", "docker", ...npmCache, ...chosen, "--file", "deploy/Dockerfile"];
  await buildah(...build, "--tag", name, ".");
  const seconds = (performance.now() - began) / 1000;
  const [about] = JSON.parse(await buildah("images", "--json", name)) as { size: string }[];
  const inspected = JSON.parse(await buildah("inspect", "--type", "image", name)) as {
    Docker: { config: ImageConfig };
  };
  const container = await buildah("from", name);
  return {
    config: inspected.Docker.config,
    /** As buildah prints it: `312 MB`. */
    size: about?.size ?? "",
    /** How long the build took, without the base images. */
    seconds,
    /** The folder with the image's files. */
    files: await buildah("mount", container),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
