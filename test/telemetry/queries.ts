import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A query, and the labels that its legend shows. */
export interface Query {
  where: string;
  expression: string;
  legend: string;
}

interface Panel {
  title: string;
  targets?: { expr: string; legendFormat: string }[];
}

const file = (path: string) => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");

/** Prometheus adds these by itself. */
const addedLabels = ["instance", "job", "le"];
const addedMetrics = ["up"];

const words = new Set(["and", "or", "unless", "by", "without", "on", "ignoring"]);

/** The queries of the dashboard and of the alerts. */
export function queries(): Query[] {
  const dashboard: { panels: Panel[]; annotations: { list: { name: string; expr?: string; titleFormat?: string }[] } } =
    JSON.parse(file("grafana/dashboard.json"));
  const { groups }: { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] } =
    parse(file("prometheus/alerts.yml"));
  return [
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat }) => ({ where: title, expression: expr, legend: legendFormat })),
    ),
    ...dashboard.annotations.list.flatMap(({ name, expr, titleFormat = "" }) =>
      expr ? [{ where: name, expression: expr, legend: titleFormat }] : [],
    ),
    ...groups.flatMap(({ rules }) =>
      rules.map(({ alert, expr, annotations }) => ({
        where: alert,
        expression: expr,
        legend: Object.values(annotations).join(" ").replaceAll("$labels.", ""),
      })),
    ),
  ];
}

/** The metrics of a query, each with the labels that it must have. */
export function metricsIn({ expression, legend }: Query): Map<string, Set<string>> {
  const grouped: string[] = [];
  const found = new Map<string, Set<string>>();
  const bare = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\b(?:by|without|on)\s*\(([^)]*)\)/g, (_, labels: string) => {
      grouped.push(...labels.split(",").map((label) => label.trim()));
      return "";
    });
  for (const [, name = "", selector] of bare.matchAll(/\b([a-z_][\w:]*)\b(?!\s*\()(?:\{([^}]*)\})?/g)) {
    if (words.has(name) || addedMetrics.includes(name)) continue;
    const labels = found.get(name) ?? new Set<string>();
    found.set(name, labels);
    for (const [, label = ""] of (selector ?? "").matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) labels.add(label);
  }
  const shown = [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = ""]) => label);
  for (const labels of found.values()) {
    for (const label of [...grouped, ...shown]) labels.add(label);
    for (const label of addedLabels) labels.delete(label);
  }
  return found;
}

/** The metrics of a scrape, each with the labels of its series. */
export function scraped(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of text.matchAll(/^([a-z_]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set<string>();
    found.set(name, known);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
  }
  return found;
}

/** What queries use and a scrape does not have. */
export function missing(used: readonly Query[], text: string, isAsked: (metric: string) => boolean): string[] {
  const known = scraped(text);
  return used.flatMap((query) =>
    [...metricsIn(query)]
      .filter(([name]) => isAsked(name))
      .flatMap(([name, labels]) => {
        const found = known.get(name);
        if (!found) return [`${query.where}: ${name}`];
        return [...labels].filter((label) => !found.has(label)).map((label) => `${query.where}: ${name}{${label}}`);
      }),
  );
}

/** Only a server that is not alone has these. */
export function isOfClusters(metric: string): boolean {
  return /^(?:bus|cluster|postgres|redis)_/.test(metric);
}
