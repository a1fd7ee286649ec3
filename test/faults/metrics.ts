/** The current value of a series of `/metrics`, such as `model_calls_total{engine="summary"}`; 0 if it does not exist yet. */
export async function metric(http: string, series: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}
