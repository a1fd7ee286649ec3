import { Dialects } from "../../graphs/dialects.ts";
import type { Config } from "../../src/config.ts";
import type { FileBytes } from "../../src/files/bytes/file-bytes.ts";
import { chatModels, routingPolicy } from "../../src/models/models.ts";
import { prices } from "../../src/models/prices.ts";
import { openFiles } from "../../src/open-files.ts";
import { openMcp } from "../../src/open-mcp.ts";
import { logger } from "../../src/telemetry/log.ts";
import type { DetachedServices } from "../../src/workbench/detached.ts";

export interface ReplayServices extends DetachedServices {
  close(): Promise<void>;
}

/** What replays need beside the records. Servers of tools are asked what tools they have, also if none will run. */
export async function servicesOf(settings: Config): Promise<ReplayServices> {
  const mcp = await openMcp(settings, logger("silent"));
  await mcp.connect();
  for (const { name, state } of mcp.list())
    if (state !== "connected") process.stderr.write(`The MCP server ${name} does not answer; its tools are missing.\n`);
  let opened: Promise<FileBytes> | undefined;
  const files = () => {
    opened ??= openFiles(settings, logger("silent")); // not before a turn with files
    return opened;
  };
  return {
    models: chatModels(settings),
    price: prices(settings),
    dialects: new Dialects(),
    routing: routingPolicy(settings),
    mcp: mcp.server,
    files: {
      bytes: async (fileId) => await (await files()).bytes(fileId),
      pages: async (file) => await (await files()).pages(file),
    },
    async close() {
      await mcp.close();
      await (await opened)?.close();
    },
  };
}
