import { useEffect, useState } from "preact/hooks";

/** How many blocks one frame adds. */
const perFrame = 60;

/** How many of `count` parts to show. Many new ones are shown over several frames, so that none takes long. */
export function useGrowing(count: number): number {
  const [shown, setShown] = useState(perFrame);
  const most = Math.min(count, shown + (count - shown <= perFrame ? perFrame : 0));
  useEffect(() => {
    if (count <= shown) return;
    const frame = requestAnimationFrame(() => setShown(shown + perFrame));
    return () => cancelAnimationFrame(frame);
  }, [count, shown]);
  return most;
}
