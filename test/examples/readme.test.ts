import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";

import { examples } from "./install.ts";
import { it, openExample } from "./support.ts";

const readme = readFileSync("packages/client/README.md", "utf8");

it("the first program of the client's README runs in an empty project of Vite, React and TypeScript", async ({
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [, program = ""] = /```tsx\n([\s\S]*?)```/.exec(readme) ?? [];
  const placed = program.replace("ws://127.0.0.1:4000/socket", "/socket").replace("YOUR_KEY", "key-a");
  emptyProject(folder);
  writeFileSync(join(folder, "src/App.tsx"), placed);
  const { page } = await openExample(browser, folder);
  await page.getByPlaceholder("Ask anything").fill("Hello?");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Answer to: Hello?").waitFor();
  await page.reload();
  await page.getByText("Answer to: Hello?").waitFor();
});

it.each(["vue/src/use-conversation.ts", "svelte/src/conversation-state.ts"])("the README shows %s", (name) => {
  expect(readme).toContain(readFileSync(join(examples, name), "utf8"));
});

/** What Vite's template `react-ts` makes, in short. */
function emptyProject(folder: string): void {
  symlinkSync(join(examples, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "src"));
  const files: Record<string, string> = {
    "package.json": JSON.stringify({ private: true, type: "module", scripts: { build: "tsc && vite build" } }),
    "tsconfig.json": readFileSync(join(examples, "react/tsconfig.json"), "utf8"),
    "vite.config.ts": readFileSync(join(examples, "react/vite.config.ts"), "utf8"),
    "index.html": '<div id="root"></div><script type="module" src="/src/main.tsx"></script>',
    "src/main.tsx": `
      import { StrictMode } from "react";
      import { createRoot } from "react-dom/client";
      import App from "./App";
      const root = document.querySelector("#root");
      if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
    `,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
