/*
 * Draws the graph that the page sends, highlights its nodes and reports clicks. The frame is sandboxed without an origin,
 * so this is a classic script, and `location.origin` is the page's origin.
 */
interface Mermaid {
  initialize(settings: object): void;
  render(id: string, text: string): Promise<{ svg: string }>;
}

/** Set by the library's own script. */
declare const mermaid: Mermaid;

interface Edge {
  path: SVGElement;
  from: string;
  to: string;
  isChoice: boolean;
}

interface Order {
  mermaid?: string;
  states?: [string, string][];
  /** As the page's: `light`, `dark` or `system`. */
  theme?: string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (html: string) => string }): void;
}

const page = location.origin;
const root = document.querySelector("#drawing") as HTMLElement; // in index.html
const nodes = new Map<string, SVGElement>();
/** The smallest scale; a larger graph is scrolled. */
const legibleScale = 0.72;
let edges: Edge[] = [];
/** Pairs of node and state. */
let states: [string, string][] = [];
let wanted: string | undefined;
let drawings = 0;
/** How often the graph was hidden. */
let hidings = 0;

// Lets Mermaid set the HTML that it generates. Script URLs and script text stay forbidden.
(globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy("default", { createHTML: (html) => html });
mermaid.initialize({
  startOnLoad: false,
  securityLevel: "strict",
  theme: "base",
  themeVariables: { fontFamily: "monospace", fontSize: "14px" },
  look: "classic",
  htmlLabels: false,
  flowchart: { nodeSpacing: 16, rankSpacing: 30, padding: 9, wrappingWidth: 400, minNodeWidth: 60 },
});

function tell(message: object): void {
  parent.postMessage(message, page);
}

/** Removes LangGraph's colours, which do not support dark mode, the metadata of nodes, and markup that only HTML labels could show. */
function legible(text: string): string {
  return text
    .replace(/^\s*classDef .*$/gm, "")
    .replace(/<hr\/>.*?<\/small>/gs, "")
    .replace(/<p>(?:__)?(.*?)(?:__)?<\/p>/g, "$1");
}

/** Draws top-down, or left to right if that gives larger text. The IDs differ because Mermaid removes elements with the same ID. */
async function drawn(text: string, id: string): Promise<string> {
  const width = (svg: string) => Number(/viewBox="\S+ \S+ (\S+)/.exec(svg)?.[1]);
  const { svg: down } = await mermaid.render(`${id}-down`, text);
  if (width(down) < root.clientWidth) return down;
  const { svg: across } = await mermaid.render(`${id}-across`, text.replace(/^graph TD;/m, "graph LR;"));
  return width(across) < width(down) ? across : down;
}

const isHidden = () => root.clientWidth === 0;

/** Mermaid cannot measure hidden elements. A graph that was hidden while it was drawn is drawn again once it is visible. */
async function draw(): Promise<void> {
  if (wanted && isHidden()) requestAnimationFrame(() => void draw()); // there are no frames while it is hidden
  if (!wanted || isHidden()) return;
  const text = wanted;
  const drawing = ++drawings;
  const hidingsBefore = hidings;
  const wasHidden = () => isHidden() || hidings > hidingsBefore;
  wanted = undefined;
  try {
    const svg = await drawn(legible(text), `graph-${drawing}`);
    if (drawing === drawings && !wasHidden()) show(svg);
  } catch (error) {
    if (!wasHidden()) tell({ type: "failed", message: (error as Error).message });
  }
  if (!wasHidden() || drawing < drawings) return;
  wanted ??= text;
  void draw();
}

function show(svg: string): void {
  root.innerHTML = svg;
  const picture = root.querySelector("svg");
  if (!picture) return;
  picture.setAttribute("aria-hidden", "true"); // the list of nodes has the same information
  picture.style.minWidth = `${picture.viewBox.baseVal.width * legibleScale}px`;
  nodes.clear();
  for (const node of root.querySelectorAll<SVGElement>(".node")) {
    const name = /-flowchart-(.+)-\d+$/.exec(node.id)?.[1] ?? "";
    nodes.set(name, node);
    node.addEventListener("click", () => tell({ type: "picked", node: name }));
  }
  edges = [...root.querySelectorAll<SVGElement>("path[data-id]")].flatMap(edgeOf);
  highlight();
}

/** Mermaid's edge IDs consist of the names of both nodes. */
function edgeOf(path: SVGElement): Edge[] {
  for (const from of nodes.keys()) {
    for (const to of nodes.keys()) {
      const isChoice = path.classList.contains("edge-pattern-dotted");
      if (path.dataset.id?.startsWith(`L_${from}_${to}_`)) return [{ path, from, to, isChoice }];
    }
  }
  return [];
}

/** `states` is ordered by start time: after a node with choices, the one that started next was taken. */
function highlight(): void {
  const order = new Map(states.map(([node], index) => [node, index]));
  const stateOf = new Map(states);
  const place = (node: string) => order.get(node) ?? Number.POSITIVE_INFINITY;
  const next = (from: string) => {
    const choices = edges.filter((edge) => edge.from === from && edge.isChoice && place(edge.to) > place(from));
    return Math.min(...choices.map((edge) => place(edge.to)));
  };
  for (const [name, node] of nodes) node.dataset.state = stateOf.get(name) ?? "idle";
  for (const { path, from, to, isChoice } of edges) {
    const isTaken = order.has(from) && order.has(to) && (!isChoice || place(to) === next(from));
    path.dataset.state = isTaken ? "taken" : "idle";
  }
}

addEventListener("message", ({ origin, source, data }: MessageEvent<Order>) => {
  if (origin !== page || source !== parent) return;
  if (data.theme) document.documentElement.dataset.theme = data.theme;
  states = data.states ?? states;
  wanted = data.mermaid ?? wanted;
  highlight();
  void draw();
});
new ResizeObserver(() => {
  if (isHidden()) hidings += 1;
  void draw();
  tell({ type: "resized", height: root.offsetHeight });
}).observe(root);
tell({ type: "ready" });
