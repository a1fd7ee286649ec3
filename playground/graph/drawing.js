/*
 * Draws the graph that the page sends, highlights its nodes and reports clicks. The frame is sandboxed without an origin,
 * so this is a classic script, and `location.origin` is the page's origin.
 */
const page = location.origin;
const root = document.querySelector("#drawing");
const nodes = new Map();
/** The smallest scale; a larger graph is scrolled. */
const legibleScale = 0.75;
let edges = [];
let states = [];
let wanted;
let drawings = 0;
/** How often the graph was hidden. */
let hidings = 0;

// Lets Mermaid set the HTML that it generates. Script URLs and script text stay forbidden.
globalThis.trustedTypes?.createPolicy("default", { createHTML: (html) => html });
mermaid.initialize({
  startOnLoad: false,
  securityLevel: "strict",
  theme: "base",
  themeVariables: { fontFamily: "monospace", fontSize: "14px" },
  look: "classic",
  htmlLabels: false,
  flowchart: { nodeSpacing: 16, rankSpacing: 30, padding: 9, wrappingWidth: 400, minNodeWidth: 60 },
});

function tell(message) {
  parent.postMessage(message, page);
}

/** Removes LangGraph's colours, which do not support dark mode, and markup that only HTML labels could show. */
function legible(text) {
  return text.replace(/^\s*classDef .*$/gm, "").replace(/<p>(?:__)?(.*?)(?:__)?<\/p>/g, "$1");
}

/** Draws top-down, or left to right if that gives larger text. The IDs differ because Mermaid removes elements with the same ID. */
async function drawn(text, id) {
  const width = (svg) => Number(/viewBox="\S+ \S+ (\S+)/.exec(svg)?.[1]);
  const { svg: down } = await mermaid.render(`${id}-down`, text);
  if (width(down) < root.clientWidth) return down;
  const { svg: across } = await mermaid.render(`${id}-across`, text.replace(/^graph TD;/m, "graph LR;"));
  return width(across) < width(down) ? across : down;
}

const isHidden = () => root.clientWidth === 0;

/** Mermaid cannot measure hidden elements. A graph that was hidden while it was drawn is drawn again once it is visible. */
async function draw() {
  if (!wanted || isHidden()) return;
  const text = wanted;
  const drawing = ++drawings;
  const hidingsBefore = hidings;
  const wasHidden = () => isHidden() || hidings > hidingsBefore;
  wanted = undefined;
  try {
    const svg = await drawn(legible(text), `graph-${drawing}`);
    if (drawing === drawings && !wasHidden()) show(svg);
  } catch ({ message }) {
    if (!wasHidden()) tell({ type: "failed", message });
  }
  if (!wasHidden() || drawing < drawings) return;
  wanted ??= text;
  draw();
}

function show(svg) {
  root.innerHTML = svg;
  const [picture] = root.children;
  picture.setAttribute("aria-hidden", "true"); // the list of nodes has the same information
  picture.style.minWidth = `${picture.viewBox.baseVal.width * legibleScale}px`;
  nodes.clear();
  for (const node of root.querySelectorAll(".node")) {
    const name = /-flowchart-(.+)-\d+$/.exec(node.id)?.[1];
    nodes.set(name, node);
    node.addEventListener("click", () => tell({ type: "picked", node: name }));
  }
  edges = [...root.querySelectorAll("path[data-id]")].flatMap(edgeOf);
  highlight();
}

/** Mermaid's edge IDs consist of the names of both nodes. */
function edgeOf(path) {
  for (const from of nodes.keys()) {
    for (const to of nodes.keys()) {
      const isChoice = path.classList.contains("edge-pattern-dotted");
      if (path.dataset.id.startsWith(`L_${from}_${to}_`)) return [{ path, from, to, isChoice }];
    }
  }
  return [];
}

/** `states` is ordered by start time: after a node with choices, the one that started next was taken. */
function highlight() {
  const order = new Map(states.map(([node], index) => [node, index]));
  const stateOf = new Map(states);
  const next = (from) => {
    const begun = edges.filter((edge) => edge.from === from && edge.isChoice && order.get(edge.to) > order.get(from));
    return Math.min(...begun.map((edge) => order.get(edge.to)));
  };
  for (const [name, node] of nodes) node.dataset.state = stateOf.get(name) ?? "idle";
  for (const { path, from, to, isChoice } of edges) {
    const isTaken = order.has(from) && order.has(to) && (!isChoice || order.get(to) === next(from));
    path.dataset.state = isTaken ? "taken" : "idle";
  }
}

addEventListener("message", ({ origin, source, data }) => {
  if (origin !== page || source !== parent) return;
  states = data.states ?? states;
  wanted = data.mermaid ?? wanted;
  highlight();
  draw();
});
new ResizeObserver(() => {
  if (isHidden()) hidings += 1;
  draw();
  tell({ type: "resized", height: root.offsetHeight });
}).observe(root);
tell({ type: "ready" });
