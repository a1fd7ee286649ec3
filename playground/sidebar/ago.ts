const units: [string, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** The time since then in its largest unit, such as "3 hours ago". `Intl.RelativeTimeFormat` says the same, but takes 30 ms to load. */
export function ago(time: string): string {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? [];
  if (length === undefined) return "just now";
  const count = Math.floor(seconds / length);
  if (unit === "day" && count === 1) return "yesterday";
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}
