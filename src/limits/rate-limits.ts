import type { Config } from "../config.ts";
import { clients } from "./client-address.ts";
import { Windows } from "./windows.ts";

/** Counts one use. Resolves to 0 if it is allowed, otherwise to the ms until the next use is. */
export type Limit = (key: string) => Promise<number>;

export interface RateLimits {
  /** Per user. */
  messages: Limit;
  pushes: Limit;
  joins: Limit;
  uploads: Limit;
  downloads: Limit;
  /** Whom the following limits count. */
  clients: ReturnType<typeof clients>;
  connections: Limit & {
    /** The use was no connection, and does not count. */
    giveBack(key: string): void;
  };
  refused: Limit & {
    isUsedUp(key: string): boolean;
  };
}

export function rateLimits(config: Config): RateLimits {
  return {
    messages: perMinute(config.RATE_LIMIT_MESSAGES),
    pushes: perMinute(config.RATE_LIMIT_PUSHES),
    joins: perMinute(config.RATE_LIMIT_JOINS),
    uploads: perMinute(config.RATE_LIMIT_MESSAGES),
    downloads: perMinute(config.RATE_LIMIT_PUSHES),
    clients: clients(config.TRUSTED_PROXIES),
    connections: perMinute(config.RATE_LIMIT_CONNECTIONS),
    refused: perMinute(config.RATE_LIMIT_REFUSED),
  };
}

function perMinute(maxUses: number) {
  const windows = new Windows(maxUses);
  const isOff = maxUses === 0;
  return Object.assign(async (key: string) => (isOff ? 0 : windows.use(key)), {
    giveBack: (key: string) => windows.giveBack(key),
    isUsedUp: (key: string) => !isOff && windows.isUsedUp(key),
  });
}
