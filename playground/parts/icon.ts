import { html } from "../html.ts";

const graph = [
  "M2.5 12a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z",
  "M15.5 5.5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z",
  "M15.5 18.5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0z",
  "M7.3 11l8.4-4.4M7.3 13l8.4 4.4",
].join("");
const cross = "M6 6l12 12M18 6L6 18";

/** The lines of each icon, in a square of 24. They are part of the script, because each file would be a request before the first screen. */
const lines = {
  attach: "M20 11.5l-7.6 7.6a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3",
  commands: "M4.5 11a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0zM16 16l4.5 4.5",
  copy: "M11 9h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM5 15H4V5a1 1 0 0 1 1-1h10v1",
  devices:
    "M4.5 5h9a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-9a1.5 1.5 0 0 1-1.5-1.5v-7a1.5 1.5 0 0 1 1.5-1.5zM16.5 10h3a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-3a1.5 1.5 0 0 1-1.5-1.5v-6a1.5 1.5 0 0 1 1.5-1.5zM6 19h6",
  done: "M5 13l4.5 4.5L19 7",
  edit: "M4 20l1-4L16.5 4.5a1.8 1.8 0 0 1 2.6 0l.4.4a1.8 1.8 0 0 1 0 2.6L8 19zM14 7l3 3",
  failed: cross,
  file: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5",
  graph,
  help: "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.1",
  inspect: graph,
  latest: "M12 5v14M6 13l6 6 6-6",
  menu: "M4 6h16M4 12h16M4 18h16",
  rate: "M12 4l2.4 5 5.4.7-4 3.8 1 5.4-4.8-2.7-4.8 2.7 1-5.4-4-3.8 5.4-.7z",
  regenerate: "M20 11a8 8 0 1 0-.7 4.5M20 5v6h-6",
  remove: cross,
  theme: "M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0z",
};

export type IconName = keyof typeof lines;

/** What is filled as well. */
const surfaces: Partial<Record<IconName, string>> = { theme: "M12 3.5v17a8.5 8.5 0 0 0 0-17z" };

/** A picture in the colour of the text around it. Screen readers skip it. */
export function Icon({ name }: { name: IconName }) {
  const surface = surfaces[name];
  return html`<svg class="picture" viewBox="0 0 24 24" aria-hidden="true">
    <path d=${lines[name]} />${surface && html`<path class="surface" d=${surface} />`}
  </svg>`;
}
