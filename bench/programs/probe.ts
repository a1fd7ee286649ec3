// Loaded into every measured process before its own program. Reports CPU, memory and profiles, and exits with the benchmark.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

const profiler = new Session();

const questions: Record<string, (path: string) => unknown> = {
  cpu: () => process.cpuUsage(),
  memory() {
    for (let round = 0; round < 3; round += 1) global.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    return process.memoryUsage();
  },
  async profile() {
    profiler.connect();
    await profiler.post("Profiler.enable");
    await profiler.post("Profiler.setSamplingInterval", { interval: 200 });
    await profiler.post("Profiler.start");
  },
  async profiled(path) {
    const { profile } = await profiler.post("Profiler.stop");
    profiler.disconnect();
    writeFileSync(path, JSON.stringify(profile));
  },
};

process.on("message", async ({ id, question, path }: { id: number; question: string; path: string }) => {
  process.send?.({ id, answer: await questions[question]?.(path) });
});
process.on("disconnect", () => process.exit());
process.channel?.unref();
