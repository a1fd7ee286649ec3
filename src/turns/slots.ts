/** How many turns may run at the same time here, in all and of one user; 0 switches a limit off. */
export interface SlotLimits {
  all: number;
  perUser: number;
}

export interface Slots {
  /** Takes a slot for a turn of this user; false when there is none. */
  take(userId: string): boolean;
  give(userId: string): void;
  /** Calls back once, as soon as it has taken a slot for this user; those who wait are served in order. A key that waits already keeps its place. */
  wait(key: string, userId: string, taken: () => void): void;
  /** Nobody who waits is served any more. */
  close(): void;
}

export function slots({ all, perUser }: SlotLimits): Slots {
  let running = 0;
  const byUser = new Map<string, number>();
  const waiting = new Map<string, { userId: string; taken: () => void }>();

  const has = (userId: string) =>
    (all === 0 || running < all) && (perUser === 0 || (byUser.get(userId) ?? 0) < perUser);

  function take(userId: string): boolean {
    if (!has(userId)) return false;
    running += 1;
    byUser.set(userId, (byUser.get(userId) ?? 0) + 1);
    return true;
  }

  return {
    take,
    give(userId) {
      running -= 1;
      const left = (byUser.get(userId) ?? 0) - 1;
      if (left > 0) byUser.set(userId, left);
      else byUser.delete(userId);
      for (const [key, next] of waiting) {
        if (all > 0 && running >= all) return;
        if (!take(next.userId)) continue;
        waiting.delete(key);
        next.taken();
      }
    },
    wait(key, userId, taken) {
      if (waiting.has(key)) return;
      if (take(userId)) taken();
      else waiting.set(key, { userId, taken });
    },
    close() {
      waiting.clear();
    },
  };
}
