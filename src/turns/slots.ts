/** How many turns may run at the same time in this process, in total and per user; 0 disables a limit. */
export interface SlotLimits {
  all: number;
  perUser: number;
}

export interface Slots {
  /** Takes a slot for a turn of this user. Returns false if none is free. */
  take(userId: string): boolean;
  release(userId: string): void;
  /** Takes a slot as soon as one is free, then calls back. Waiters are served in order; a key that already waits keeps its place. Returns true if one was free. */
  wait(key: string, userId: string, taken: () => void): boolean;
  counts(): { running: number; queued: number };
  /** Drops all waiters, and returns them. */
  close(): { key: string; userId: string }[];
}

export function slots({ all, perUser }: SlotLimits): Slots {
  let running = 0;
  const byUser = new Map<string, number>();
  const waiting = new Map<string, { userId: string; taken: () => void }>();

  const isFree = (userId: string) =>
    (all === 0 || running < all) && (perUser === 0 || (byUser.get(userId) ?? 0) < perUser);

  function take(userId: string): boolean {
    if (!isFree(userId)) return false;
    running += 1;
    byUser.set(userId, (byUser.get(userId) ?? 0) + 1);
    return true;
  }

  return {
    take,
    release(userId) {
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
      if (waiting.has(key)) return false;
      if (!take(userId)) {
        waiting.set(key, { userId, taken });
        return false;
      }
      taken();
      return true;
    },
    counts: () => ({ running, queued: waiting.size }),
    close() {
      const dropped = [...waiting].map(([key, { userId }]) => ({ key, userId }));
      waiting.clear();
      return dropped;
    },
  };
}
