import type { Spread } from "./figures.ts";

export interface Line {
  name: string;
  unit: string;
  goal: string;
  by: "ratio" | "difference";
  bare: Spread;
  server: Spread;
  result: Spread;
}

export interface Section {
  title: string;
  against?: string;
  tested?: string;
  lines: Line[];
}

export interface Report {
  about: Record<string, string>;
  sections: Section[];
  notes: string[];
}

export function markdown({ about, sections, notes }: Report): string {
  const facts = Object.entries(about).map(([name, value]) => `${name}: ${value}`);
  return `# Benchmark\n\n${facts.join(" · ")}\n\n${sections.map(section).join("\n\n")}\n\n${notes.map((note) => `- ${note}`).join("\n")}\n`;
}

function section({ title, against = "bare", tested = "server", lines }: Section): string {
  const head = [`| | ${against} | ${tested} | compared | goal |`, "| --- | --- | --- | --- | --- |"];
  return [`## ${title}`, "", ...head, ...lines.map(line)].join("\n");
}

function line({ name, unit, bare, server, result, goal, by }: Line): string {
  const sign = by === "ratio" ? "×" : "+";
  const label = unit ? `${name}, ${unit}` : name;
  return `| ${label} | ${shown(bare)} | ${shown(server)} | **${sign} ${shown(result).replace(" ", "** ")} | ${goal} |`;
}

function shown({ median, min, max }: Spread): string {
  return `${figure(median)} (${figure(min)}–${figure(max)})`;
}

function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
