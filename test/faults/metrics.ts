/**
 * The current value of a series of `/metrics`, such as `model_calls_total{engine="summary"}`; 0 if it does not exist yet. With several series
 * that have these labels, their sum.
 */
export async function metric(http: string, series: string): Promise<number> {
  const [, name = "", labels = ""] = /^([^{]+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const wanted = labels.split(/,(?=\w+=)/).filter(Boolean);
  const text = await (await fetch(`${http}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
