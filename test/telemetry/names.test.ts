import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { expect, it } from "vitest";

import { bounded } from "../../src/telemetry/labels.ts";
import { names } from "../../src/telemetry/otel/names.ts";

it("the names of span attributes are those of OpenTelemetry's conventions", () => {
  const known = new Set<unknown>(Object.values(conventions));
  expect(Object.values(names).filter((name) => !known.has(name))).toEqual([]);
});

it("a label has a bounded number of values", () => {
  const label = bounded(2);
  expect(["a", undefined, "b", "", "c", "a", "d"].map(label)).toEqual([
    "a",
    "none",
    "b",
    "none",
    "other",
    "a",
    "other",
  ]);
});
