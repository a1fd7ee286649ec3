import { signal } from "@preact/signals";
import { type ComponentType, createElement } from "preact";

import { notice } from "../session/notice.ts";

/** The delay before a failed load is tried again. */
const againMs = 2_000;
const problem =
  "Part of the page could not be loaded. It appears when the connection is back. After an update of the server, reload the page.";

/** A component that is loaded when it is first shown. Until it has loaded, it shows nothing. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loaded = signal<ComponentType<Props> | undefined>(undefined);
  let isLoading = false;

  async function attempt() {
    try {
      loaded.value = await load();
      if (notice.value === problem) notice.value = "";
    } catch {
      notice.value = problem;
      setTimeout(attempt, againMs);
    }
  }
  return function Lazy(props: Props) {
    if (!isLoading) void attempt();
    isLoading = true;
    return loaded.value && createElement(loaded.value, props);
  };
}
