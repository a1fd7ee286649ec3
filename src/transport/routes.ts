import type { Channel, Routes } from "../phoenix/channel.ts";

/** Finds a topic's channel: exact patterns, or one trailing `*` for any rest, also an empty one. */
export function router<Assigns>(routes: Routes<Assigns>): (topic: string) => Channel<Assigns> | undefined {
  const patterns = Object.entries(routes).map(([pattern, channel]) => {
    const prefix = pattern.endsWith("*") ? pattern.slice(0, -1) : undefined;
    return { pattern, prefix, channel };
  });
  return (topic) =>
    patterns.find(({ pattern, prefix }) => (prefix === undefined ? topic === pattern : topic.startsWith(prefix)))
      ?.channel;
}
