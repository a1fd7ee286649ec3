import { signal } from "@preact/signals";
import { type ComponentType, createElement } from "preact";

/** A component that is loaded when it is shown first. Until then it shows nothing. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loaded = signal<ComponentType<Props> | undefined>(undefined);
  let isLoading = false;

  async function loadOnce() {
    if (isLoading) return;
    isLoading = true;
    try {
      loaded.value = await load();
    } catch {
      isLoading = false; // the next time that it is shown
    }
  }
  return function Lazy(props: Props) {
    if (!loaded.value) void loadOnce();
    return loaded.value && createElement(loaded.value, props);
  };
}
