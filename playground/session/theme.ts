import { effect, signal } from "@preact/signals";

import { browserStore } from "./storage.ts";

const stored = "theme";
export type Theme = "system" | "light" | "dark";

export const theme = signal<Theme>(read());

function read(): Theme {
  const kept = browserStore.read(stored);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** The opposite of the current look. */
export function toggleTheme(): void {
  const isDark =
    theme.value === "dark" || (theme.value === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  theme.value = isDark ? "light" : "dark";
  browserStore.write(stored, theme.value);
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});
