import type { Principal } from "./auth/principal.ts";
import type { Config } from "./config.ts";
import type { Routes } from "./phoenix/channel.ts";
import { prefix, workbenchChannel } from "./workbench/channel.ts";
import type { Workbench } from "./workbench/services.ts";
import { workbenchOf } from "./workbench-setting.ts";

type Parts = Omit<Workbench, "allowedModels" | "canEdit" | "timeoutMs">;

/** The workbench's channel by its topic; nothing if the settings turn the workbench off. */
export function workbenchRoutes(config: Config, isDev: boolean, parts: Parts): Routes<Principal> {
  const { isOpen, canEdit } = workbenchOf(config, isDev);
  if (!isOpen) return {};
  const { allowed: allowedModels } = parts.model.inUse;
  const services: Workbench = { ...parts, allowedModels, canEdit, timeoutMs: config.TURN_TIMEOUT_MS };
  return { [`${prefix}*`]: workbenchChannel(services) };
}
