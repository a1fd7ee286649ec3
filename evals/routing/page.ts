import { type EChartsOption, init } from "echarts";

import { types } from "./fit/model.ts";
import type { Interval } from "./intervals.ts";
import { type Answer, calibration, confusion, coverage, type Figures, measure, perType } from "./measure.ts";
import { sets } from "./print.ts";

/** A self-contained HTML page with the plots. */
export function page(answers: readonly Answer[]): string {
  const real = answers.filter(({ group }) => group.kind === "real");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Router, local stage</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}figure{margin:2rem 0}figcaption{color:#555}td,th{padding:0 .7rem;text-align:left}</style>
</head><body>
<h1>Router, local stage</h1>
<p>Each message is judged by a model that was trained, and a calibration that was chosen, without its source. In brackets: 95 % intervals.</p>
<table><tr><th>messages<th>strict<th>lenient<th>macro-F1<th>ECE<th>sure<th>strict if sure</tr>
${sets(answers)
  .map(([name, own]) => row(`${name} (${own.length})`, measure(own)))
  .join("\n")}
</table>
<h2>Real messages</h2>
${figure("Accuracy of the most confident answers, by the share of messages they cover", coverageChart(real))}
${figure("Calibration: confidence and accuracy; on the dashed line they are equal", calibrationChart(real))}
${figure("Label (down) and answer (across)", confusionChart(confusion(real)))}
${figure("Precision and recall by type", precisionChart(perType(real)))}
<h2>Openers</h2>
${figure("Accuracy of the most confident answers, by the share of messages they cover", coverageChart(ofKind(answers, "openers")))}
${figure("Calibration: confidence and accuracy; on the dashed line they are equal", calibrationChart(ofKind(answers, "openers")))}
</body></html>
`;
}

function ofKind(answers: readonly Answer[], kind: string): Answer[] {
  return answers.filter(({ group }) => group.kind === kind);
}

function row(name: string, { strict, lenient, macroF1, ece, sure, strictIfSure }: Figures): string {
  const cells = [strict, lenient, macroF1, ece, sure, strictIfSure].map((one) => `<td>${inBrackets(one)}`);
  return `<tr><td>${name}${cells.join("")}</tr>`;
}

function inBrackets({ value, low, high }: Interval): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function figure(caption: string, option: EChartsOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 800, height: 400 });
  chart.setOption({ animation: false, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `<figure>${svg}<figcaption>${caption}</figcaption></figure>`;
}

function coverageChart(all: readonly Answer[]): EChartsOption {
  const steps = coverage(all);
  return {
    legend: {},
    xAxis: { type: "value", name: "coverage", min: 0, max: 1 },
    yAxis: { type: "value", min: 0.5, max: 1 },
    series: [
      { name: "strict", type: "line", data: steps.map((step) => [step.coverage, step.strict.value]) },
      { name: "lenient", type: "line", data: steps.map((step) => [step.coverage, step.lenient.value]) },
      {
        name: "confidence",
        type: "line",
        lineStyle: { type: "dashed" },
        data: steps.map((step) => [step.coverage, step.threshold]),
      },
    ],
  };
}

function calibrationChart(all: readonly Answer[]): EChartsOption {
  const bins = calibration(all);
  return {
    xAxis: { type: "value", name: "confidence", min: 0, max: 1 },
    yAxis: { type: "value", name: "right", min: 0, max: 1 },
    series: [
      {
        type: "line",
        symbol: "none",
        lineStyle: { type: "dashed" },
        data: [
          [0, 0],
          [1, 1],
        ],
      },
      {
        type: "scatter",
        symbolSize: 14,
        data: bins.map((bin) => [bin.confidence, bin.strict]),
      },
    ],
  };
}

function confusionChart(confusion: number[][]): EChartsOption {
  return {
    grid: { left: 120 },
    xAxis: { type: "category", data: [...types] },
    yAxis: { type: "category", data: [...types], inverse: true },
    visualMap: { show: false, min: 0, max: Math.max(...confusion.flat()), inRange: { color: ["#ffffff", "#3b6fb6"] } },
    series: [
      {
        type: "heatmap",
        label: { show: true },
        data: confusion.flatMap((row, label) => row.map((count, answer) => [answer, label, count])),
      },
    ],
  };
}

function precisionChart(all: ReturnType<typeof perType>): EChartsOption {
  return {
    legend: {},
    xAxis: { type: "category", data: [...types] },
    yAxis: { type: "value", min: 0, max: 1 },
    series: [
      { name: "precision", type: "bar", data: all.map(({ precision }) => precision.value) },
      { name: "recall", type: "bar", data: all.map(({ recall }) => recall.value) },
    ],
  };
}
