import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const v1 = "/sys/fs/cgroup/cpu";
const v2 = "/sys/fs/cgroup";
const periodUs = 20_000;
/** A hundred times that of others, so that a busy machine does not take what is granted. */
const weight = { v1: 102_400, v2: 10_000 };

/** Whether processes can be given a part of a core: as root, where control groups are mounted. */
export const canLimit = isWritable(v1) || isWritable(v2);

/** A control group whose processes together get this part of a core. */
export function quota(name: string, share: number) {
  const isFirst = existsSync(v1);
  const folder = join(isFirst ? v1 : v2, `${name}-${process.pid}`);
  const quotaUs = Math.round(periodUs * share);
  if (!isFirst) writeFileSync(join(v2, "cgroup.subtree_control"), "+cpu");
  mkdirSync(folder);
  const set = (file: string, value: string | number) => writeFileSync(join(folder, file), String(value));
  if (isFirst) {
    set("cpu.cfs_period_us", periodUs);
    set("cpu.cfs_quota_us", quotaUs);
    set("cpu.shares", weight.v1);
  } else {
    set("cpu.max", `${quotaUs} ${periodUs}`);
    set("cpu.weight", weight.v2);
  }
  return {
    add: (pid: number) => set("cgroup.procs", pid),
    /** Call it when its processes have ended. */
    remove: () => rmdirSync(folder),
  };
}

/** CPU time of a process so far, or of its children that live, in ms. */
export function cpuMs(pid: number, of: "itself" | "children" = "itself"): number {
  if (of === "children") {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return children.reduce((sum, child) => sum + cpuMs(Number(child)), 0);
  }
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user + system) * 10; // in hundredths of a second on every Linux
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return existsSync(join(folder, "cgroup.procs"));
  } catch {
    return false;
  }
}
