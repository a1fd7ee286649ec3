const most = 100;

/** Appends what a graph wrote. Only the newest 100 of these are kept. */
export function withNewest<Item extends { type: string }>(items: readonly Item[], item: Item): Item[] {
  const alike = items.filter(({ type }) => type === item.type);
  const [oldest] = alike.length < most ? [] : alike;
  return [...items.filter((other) => other !== oldest), item];
}
