const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** The time since then in its largest unit, such as "3 hours ago". */
export function ago(time: string): string {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  const found = units.find(([, length]) => seconds >= length);
  return found ? words.format(-Math.floor(seconds / found[1]), found[0]) : "just now";
}
