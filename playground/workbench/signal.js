/** Tells whoever listens. `on` returns what takes the listener off again. */
export function signal() {
  const listeners = new Set();
  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(...news) {
      for (const listener of [...listeners]) listener(...news);
    },
  };
}
