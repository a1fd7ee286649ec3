import { type EChartsOption, init } from "echarts";

import { types } from "./fit/model.ts";
import { type Answer, calibration, coverage, type Figures } from "./measure.ts";

/** A self-contained HTML page with the plots. */
export function page(all: readonly Answer[], figures: Figures, threshold: number): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Router, local stage</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}figure{margin:2rem 0}figcaption{color:#555}</style>
</head><body>
<h1>Router, local stage</h1>
<p>${figures.messages} real messages, each judged by a model trained without its source:
strict ${figures.strict.toFixed(3)}, lenient ${figures.lenient.toFixed(3)}, macro-F1 ${figures.macroF1.toFixed(3)},
ECE ${figures.ece.toFixed(3)}, lost follow-ups ${figures.lostFollowUps.toFixed(3)}.</p>
${figure("Accuracy of the most confident answers, by the share of messages they cover", coverageChart(all))}
${figure("Calibration: confidence and accuracy; on the dashed line they are equal", calibrationChart(all))}
${figure("Label (down) and answer (across)", confusionChart(figures))}
${figure("Precision and recall by type", precisionChart(figures))}
<p>From a confidence of ${threshold} on, the router skips the model stage.</p>
</body></html>
`;
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
      { name: "strict", type: "line", data: steps.map((step) => [step.coverage, step.strict]) },
      { name: "lenient", type: "line", data: steps.map((step) => [step.coverage, step.lenient]) },
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
  const bins = calibration(all).filter(({ messages }) => messages > 0);
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

function confusionChart({ confusion }: Figures): EChartsOption {
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

function precisionChart({ perClass }: Figures): EChartsOption {
  return {
    legend: {},
    xAxis: { type: "category", data: [...types] },
    yAxis: { type: "value", min: 0, max: 1 },
    series: [
      { name: "precision", type: "bar", data: perClass.map(({ precision }) => precision) },
      { name: "recall", type: "bar", data: perClass.map(({ recall }) => recall) },
    ],
  };
}
