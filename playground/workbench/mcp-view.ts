import { effect, signal } from "@preact/signals";

import type { McpServer } from "../../src/workbench/wire/tools.ts";
import { html } from "../html.ts";
import { workbench } from "../session/workbench-link.ts";
import { Section } from "./json-view.ts";

const servers = signal<readonly McpServer[]>([]);

async function load(): Promise<void> {
  const { servers: found } = await workbench.push<{ servers: McpServer[] }>("get_mcp_servers", {});
  servers.value = found;
}

effect(() => {
  if (workbench.reply.value) load().catch(() => {}); // the panel says that the connection is lost
});

const words: Record<McpServer["state"], string> = {
  connected: "connected",
  connecting: "connecting",
  down: "does not answer",
};

/** The MCP servers that the settings name, with their tools. Nothing if there are none. */
export function McpView() {
  const all = servers.value;
  if (all.length === 0) return null;
  return html`<${Section} title=${`MCP servers (${all.length})`}>
    <div class="toolbar"><button type="button" onClick=${() => void load().catch(() => {})}>Ask again</button></div>
    <ul class="mcp">
      ${all.map(
        ({ name, state, tools }) => html`<li key=${name} data-server=${name} data-state=${state}>
          <p><code>${name}</code> <span class="about">${words[state]}, ${tools.length} tool${tools.length === 1 ? "" : "s"}</span></p>
          <dl class="read">
            ${tools.map(
              (tool) =>
                html`<div key=${tool.name}><dt><code>${tool.name}</code></dt><dd dir="auto">${tool.description}</dd></div>`,
            )}
          </dl>
        </li>`,
      )}
    </ul>
  <//>`;
}
