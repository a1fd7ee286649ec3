/** What `/metrics` says now: the value of `model_calls_total{engine="summary"}`, for one. 0 for a series that is not there yet. */
export async function metric(http: string, series: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}
