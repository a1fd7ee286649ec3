import { effect, signal } from "@preact/signals";

const narrow = matchMedia("(max-width: 60rem)");

/** In narrow windows the sidebar is a drawer over the chat. */
export const isNarrow = signal(narrow.matches);
export const isSidebarOpen = signal(!narrow.matches);

narrow.addEventListener("change", () => {
  isNarrow.value = narrow.matches;
  isSidebarOpen.value = !narrow.matches;
});

export function closeIfNarrow(): void {
  if (isNarrow.value) isSidebarOpen.value = false;
}

/** Closes the drawer and gives the focus back. */
export function closeDrawer(): void {
  closeIfNarrow();
  document.querySelector<HTMLElement>("#sidebar-toggle")?.focus();
}

/** Moves the focus into a drawer that opens. */
effect(() => {
  if (isSidebarOpen.value && isNarrow.peek()) {
    requestAnimationFrame(() => document.querySelector<HTMLElement>("#sidebar button")?.focus());
  }
});
