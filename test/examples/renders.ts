import type { Page } from "playwright-core";

/** What the test reads of React's tree. */
interface Fiber {
  type: unknown;
  flags: number;
  alternate: Fiber | null;
  child: Fiber | null;
  sibling: Fiber | null;
}

declare global {
  interface Window {
    renders: string[];
  }
}

/** Counts renders from now on: the names of the components that were rendered are in the page's `renders`. Reload the page to begin. */
export async function countRenders(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const performedWork = 1;
    window.renders = [];

    function visit(fiber: Fiber): void {
      const component = typeof fiber.type === "object" && fiber.type ? Reflect.get(fiber.type, "type") : fiber.type;
      if (typeof component === "function" && fiber.flags & performedWork) window.renders.push(component.name);
      if (fiber.alternate && fiber.alternate.child === fiber.child) return; // nothing below was rendered
      for (let child = fiber.child; child; child = child.sibling) visit(child);
    }

    const hook = {
      supportsFiber: true,
      inject: () => 1,
      onCommitFiberRoot: (_: number, root: { current: Fiber }) => visit(root.current),
      onCommitFiberUnmount() {},
      onPostCommitFiberRoot() {},
    };
    Object.assign(window, { __REACT_DEVTOOLS_GLOBAL_HOOK__: hook });
  });
  await page.reload();
}

/** The components that were rendered since the last call, by name. */
export function rendersSince(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const counts: Record<string, number> = {};
    for (const name of window.renders.splice(0)) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  });
}
