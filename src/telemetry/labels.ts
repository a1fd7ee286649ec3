/** What values beyond the limit are counted as. */
const others = "other";

/**
 * Bounds the number of series of a metric: the first `max` values of a label stay as they are, later ones count as `other`. For labels whose
 * values come from outside, such as a model's name as its server reports it.
 */
export function bounded(max: number): (value: string | undefined) => string {
  const known = new Set<string>();
  return (value) => {
    if (!value) return "none";
    if (known.has(value)) return value;
    if (known.size >= max) return others;
    known.add(value);
    return value;
  };
}
