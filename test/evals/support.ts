import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { WrittenLine } from "../../evals/dataset.ts";
import { inherited } from "../support/spawned.ts";
import type { start } from "../support/start.ts";

type Started = Awaited<ReturnType<typeof start>>;

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs programs with the server's database and model. */
export function runner({ settings, model, folder }: Started) {
  const env = {
    ...inherited(),
    DATABASE_URL: settings.DATABASE_URL,
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: "test",
    MODEL: "test-model",
    MODEL_PRICES: "test-model=1/10",
    ROUTING: "local",
  };
  return {
    run(program: string, words: string[], more: Record<string, string> = {}): Promise<Ran> {
      const options = { env: { ...env, ...more } };
      return new Promise((resolve) => {
        execFile(process.execPath, [program, ...words], options, (error, out, err) =>
          resolve({ code: Number(error?.code ?? 0), out, err }),
        );
      });
    },
    /** Writes a dataset and returns its path. */
    dataset(name: string, ...lines: WrittenLine[]): string {
      const path = join(folder, `${name}.jsonl`);
      writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      return path;
    },
  };
}
