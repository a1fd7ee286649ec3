/** What prepared tools say of themselves in callbacks. */
const described = new WeakSet<object>();

/** A callback for this tool is followed by the function that `prepareTools` has put before the tool's own. */
export function isPrepared(description: object): boolean {
  return described.has(description);
}

/** Makes a tool known in callbacks, which get no more of it than its `toJSON`. */
export function describe(tool: { toJSON(): object }): void {
  const describe = tool.toJSON.bind(tool);
  const known: typeof describe = () => {
    const description = describe();
    described.add(description);
    return description;
  };
  Reflect.set(tool, "toJSON", known);
}
