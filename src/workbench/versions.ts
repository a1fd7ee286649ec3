import type { PromptOnDisk } from "../reload/prompt-folder.ts";
import type { Records } from "../store/records.ts";
import type { Turn } from "../store/turns.ts";
import { type Figures, median, originalFigures } from "./comparison.ts";
import type { Version } from "./wire/prompts.ts";

/** How many of a user's latest turns are searched. */
const maxTurns = 200;

const maxVersions = 20;

/** For the texts of all versions together, in UTF-16 units. */
const maxSourceUnits = 262_144;

/** The version in use, then those that answered the user's latest turns, the most recently used first. */
export async function versionsOf(
  records: Records,
  userId: string,
  { name, used }: Pick<PromptOnDisk, "name" | "used">,
): Promise<Version[]> {
  const turns = await records.usesOf(userId, name, maxTurns);
  const byHash = Map.groupBy(turns, (turn) => hashOf(turn, name));
  const hashes = [...new Set([...(used ? [used.hash] : []), ...byHash.keys()])].slice(0, maxVersions);
  const texts = await records.texts(hashes);
  let left = maxSourceUnits;
  return hashes.map((hash) => {
    const text = hash === used?.hash ? used.source : texts.get(hash);
    left -= text?.length ?? 0;
    return {
      hash,
      source: left < 0 ? null : (text ?? null),
      is_current: hash === used?.hash,
      ...summaryOf(byHash.get(hash) ?? []),
    };
  });
}

function hashOf({ outcome }: Turn, name: string): string {
  const prompts = outcome?.metadata.prompts as Record<string, string>; // `usesOf` found the turns by it
  return prompts[name] ?? "";
}

/** The turns are sorted, the newest first. */
function summaryOf(turns: readonly Turn[]) {
  const figures = turns.map((turn) => originalFigures({ turn }));
  return {
    turns: turns.length,
    first_used: turns.at(-1)?.acceptedAt ?? null,
    last_used: turns[0]?.acceptedAt ?? null,
    cost_usd: mean(figures, ({ cost }) => cost),
    output_tokens: mean(figures, ({ outputTokens }) => outputTokens),
    first_word_ms: median(figures.flatMap(({ firstWordMs }) => firstWordMs ?? [])),
    processing_time: median(figures.map(({ ms }) => ms)),
  };
}

function mean(all: readonly Figures[], figure: (figures: Figures) => number | null): number | null {
  const values = all.flatMap((figures) => figure(figures) ?? []);
  if (values.length === 0 || values.length < all.length) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
