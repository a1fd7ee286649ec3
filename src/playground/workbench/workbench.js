import { workbench as link } from "../workbench-link.js";
import { graphTab } from "./graph-tab.js";
import { graphList } from "./graphs.js";
import { head } from "./head.js";
import { promptStore } from "./prompt-store.js";
import { promptsTab } from "./prompts-tab.js";
import { replayList } from "./replays.js";
import { runLog } from "./run-log.js";
import { selectedTurn } from "./selected-turn.js";
import { shownRun } from "./shown-run.js";
import { tabs } from "./tabs.js";
import { turnTab } from "./turn-tab.js";

const graphs = graphList(link);
const prompts = promptStore(link);
const replays = replayList(link);
const runs = runLog(link);
const turn = selectedTurn();
const shared = { link, graphs, prompts, replays, runs, turn, shownRun: shownRun(turn, runs), replayWith };
const root = document.querySelector("#workbench");

const panel = tabs("Workbench", [
  { id: "graph", title: "Graph", make: (pane) => graphTab(pane, shared) },
  { id: "prompts", title: "Prompts", make: (pane) => promptsTab(pane, shared) },
  { id: "turn", title: "Turn", make: (pane) => turnTab(pane, shared) },
]);

function replayWith(name) {
  panel.open("turn").use(name);
}

root.append(head(link), panel.list, ...panel.panes);
document.addEventListener("turn-selected", () => panel.open("turn"));
const begin = new MutationObserver(() => {
  if (root.hidden) return;
  begin.disconnect();
  panel.openFirst();
});
begin.observe(root, { attributeFilter: ["hidden"] });
