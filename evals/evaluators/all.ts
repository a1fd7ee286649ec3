import { cites } from "./cites.ts";
import { code } from "./code.ts";
import type { Evaluator } from "./evaluator.ts";
import { length } from "./length.ts";
import { rootCause } from "./root-cause.ts";
import { routing } from "./routing.ts";

/** The evaluators that need no model. */
export const rules: readonly Evaluator[] = [routing, code, rootCause, cites, length];
