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

/** Users are counted by `perUser`; handshakes always by this process, since each of them costs something here. */
export function rateLimits(
  config: Config,
  perUser: (name: string, maxUses: number) => Limit = (_name, maxUses) => perMinute(maxUses),
): RateLimits {
  return {
    messages: perUser("messages", config.RATE_LIMIT_MESSAGES),
    pushes: perUser("pushes", config.RATE_LIMIT_PUSHES),
    joins: perUser("joins", config.RATE_LIMIT_JOINS),
    uploads: perUser("uploads", config.RATE_LIMIT_MESSAGES),
    downloads: perUser("downloads", config.RATE_LIMIT_PUSHES),
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
