import type { Config } from "./config.ts";
import { isKeyless } from "./own-key.ts";

/**
 * Whether the workbench is on, and whether it may save prompts. `isDev` is true under `npm run dev`. If keys or JWTs are set, it is off by
 * default, because it shows the prompts to every user.
 */
export function workbenchOf(settings: Config, isDev: boolean): { isOpen: boolean; canEdit: boolean } {
  if (settings.NODE_ENV === "production") return { isOpen: false, canEdit: false };
  const canEdit = settings.PLAYGROUND_EDIT ?? isDev;
  return { isOpen: settings.WORKBENCH ?? (isKeyless(settings) || isDev || canEdit), canEdit };
}
