// Loaded into a server before its own program. Prints how long its event loop was held up, in ms of CPU time: other processes do not count.

/** In ms. Shorter stretches are not worth a line. */
const leastMs = 10;

let before = process.threadCpuUsage();

setInterval(() => {
  const { user, system } = process.threadCpuUsage();
  const ms = (user + system - before.user - before.system) / 1_000;
  if (ms >= leastMs) process.stdout.write(`held up ${ms}\n`);
  before = process.threadCpuUsage();
}, 1).unref();
