import { commandLine, fail } from "../../src/settings/command-line.ts";
import { dev, install } from "./cli.ts";

const usage = `Opens the graphs in LangGraph Studio. LangGraph's own server is installed at the first start.

  npm run studio
    --port 2024 --host localhost              where it listens
    --no-browser                              does not open a page
    --no-reload                               does not reload graphs that change
    --tunnel                                  makes it reachable through a Cloudflare tunnel
    --studio-url https://…                    another LangGraph Studio
    --n-jobs-per-worker 10
`;

const options = {
  port: { type: "string", short: "p" },
  host: { type: "string" },
  "no-browser": { type: "boolean" },
  "no-reload": { type: "boolean" },
  tunnel: { type: "boolean" },
  "studio-url": { type: "string" },
  "n-jobs-per-worker": { type: "string", short: "n" },
} as const;

function main(): void {
  commandLine(usage, { options });
  install();
  const child = dev(process.argv.slice(2), { stdio: "inherit", env: process.env });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exit(code ?? 1));
}

try {
  main();
} catch (error) {
  fail(error);
}
