import { useSignal, useSignalEffect } from "@preact/signals";

import { html } from "../html.ts";
import { isWorkbenchOpen, selectedTurn, workbench } from "../session/workbench-link.ts";
import { showTurn } from "./data/turn.ts";
import { GraphTab } from "./graph-tab.ts";
import { PromptsTab } from "./prompts-tab.ts";
import { type Tab, Tabs } from "./tabs.ts";
import { TurnTab } from "./turn-tab.ts";

type TabId = "graph" | "prompts" | "turn";

/** The panel beside the conversation: graphs, prompts, and the selected turn. */
export function Workbench() {
  const opened = useSignal<TabId>(selectedTurn.peek() === undefined ? "graph" : "turn");
  const prompt = useSignal<string | undefined>(undefined);
  useSignalEffect(() => {
    const chosen = selectedTurn.value;
    if (chosen === undefined) return;
    opened.value = "turn";
    showTurn(chosen);
    selectedTurn.value = undefined; // so that the same turn can be chosen again
  });

  const edit = (name: string) => {
    prompt.value = name;
    opened.value = "prompts";
  };
  const replayWith = () => {
    opened.value = "turn";
  };
  const tabs: Tab<TabId>[] = [
    {
      id: "graph",
      title: "Graph",
      content: () => html`<${GraphTab} />`,
    },
    {
      id: "prompts",
      title: "Prompts",
      content: () => html`<${PromptsTab} opened=${prompt} replayWith=${replayWith} />`,
    },
    { id: "turn", title: "Turn", content: () => html`<${TurnTab} edit=${edit} />` },
  ];
  return html`<${Head} /><${Tabs} label="Workbench" tabs=${tabs} opened=${opened} />`;
}

/** The panel's title bar. Its close button is needed on phones, where the panel covers the page. */
function Head() {
  function close() {
    isWorkbenchOpen.value = false;
    document.querySelector<HTMLElement>("#workbench-toggle")?.focus();
  }
  const words = workbench.joined.value ? "" : "Connection lost. This may be out of date.";
  return html`<div class="bar">
    <h2>Workbench</h2>
    <p class="about" role="status">${words}</p>
    <button
      type="button"
      onClick=${close}
    >
      Close
    </button>
  </div>`;
}
