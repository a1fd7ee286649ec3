/** What is kept in this browser. */
export const browserStore = store("localStorage");
/** What is kept in this tab. */
export const tabStore = store("sessionStorage");

/** Where the browser's storage is blocked or full, texts are kept in memory until the page is left. Nothing here throws. */
function store(name) {
  const memory = new Map();
  return {
    read(key) {
      if (memory.has(key)) return memory.get(key);
      try {
        return globalThis[name].getItem(key);
      } catch {
        return null;
      }
    },
    /** Returns false if the text is only in memory. */
    write(key, text) {
      memory.set(key, text);
      try {
        globalThis[name].setItem(key, text);
      } catch {
        return false;
      }
      memory.delete(key);
      return true;
    },
    remove(key) {
      memory.delete(key);
      try {
        globalThis[name].removeItem(key);
      } catch {
        // There was nothing to remove.
      }
    },
  };
}
