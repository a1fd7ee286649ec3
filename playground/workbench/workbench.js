import { workbench as link } from "../workbench-link.js";
import { graphList } from "./graphs.js";
import { head } from "./head.js";
import { promptStore } from "./prompt-store.js";
import { replayList } from "./replays.js";
import { runLog } from "./run-log.js";
import { selectedTurn } from "./selected-turn.js";
import { shownRun } from "./shown-run.js";
import { tabs } from "./tabs.js";

const graphs = graphList(link);
const prompts = promptStore(link);
const replays = replayList(link);
const runs = runLog(link);
const turn = selectedTurn();
const shared = { link, graphs, prompts, replays, runs, turn, shownRun: shownRun(turn, runs), replayWith };
const root = document.querySelector("#workbench");

const panel = tabs("Workbench", [
  { id: "graph", title: "Graph", make: async (pane) => (await import("./graph-tab.js")).graphTab(pane, shared) },
  {
    id: "prompts",
    title: "Prompts",
    make: async (pane) => (await import("./prompts-tab.js")).promptsTab(pane, shared),
  },
  { id: "turn", title: "Turn", make: async (pane) => (await import("./turn-tab.js")).turnTab(pane, shared) },
]);

async function replayWith(name) {
  const tab = await panel.open("turn");
  tab.use(name);
}

root.append(head(link), panel.list, ...panel.panes);
document.addEventListener("turn-selected", () => panel.open("turn"));
const begin = new MutationObserver(() => {
  if (root.hidden) return;
  begin.disconnect();
  panel.openFirst();
});
begin.observe(root, { attributeFilter: ["hidden"] });
