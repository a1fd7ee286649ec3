/** Storage of this browser. */
export const browserStore = store("localStorage");
/** Storage of this tab. */
export const tabStore = store("sessionStorage");

export type Store = ReturnType<typeof store>;

/** Where the browser's storage is blocked or full, texts are kept in memory until the page is left. Nothing here throws. */
function store(name: "localStorage" | "sessionStorage") {
  const memory = new Map<string, string>();
  return {
    read(key: string): string | null {
      const known = memory.get(key);
      if (known !== undefined) return known;
      try {
        return globalThis[name].getItem(key);
      } catch {
        return null;
      }
    },
    /** Returns false if the text is only in memory. */
    write(key: string, text: string): boolean {
      memory.set(key, text);
      try {
        globalThis[name].setItem(key, text);
      } catch {
        return false;
      }
      memory.delete(key);
      return true;
    },
    remove(key: string): void {
      memory.delete(key);
      try {
        globalThis[name].removeItem(key);
      } catch {
        // There was nothing to remove.
      }
    },
  };
}
