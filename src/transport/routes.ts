import type { Channel, Routes } from "../phoenix/channel.ts";

/** Finds a topic's channel. A pattern matches exactly, or as a prefix if it ends with `*`. */
export function router<Assigns>(routes: Routes<Assigns>): (topic: string) => Channel<Assigns> | undefined {
  const patterns = Object.entries(routes).map(([pattern, channel]) => {
    const prefix = pattern.endsWith("*") ? pattern.slice(0, -1) : undefined;
    return { pattern, prefix, channel };
  });
  return (topic) =>
    patterns.find(({ pattern, prefix }) => (prefix === undefined ? topic === pattern : topic.startsWith(prefix)))
      ?.channel;
}
