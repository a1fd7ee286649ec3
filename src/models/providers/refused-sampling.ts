import type { Sampling } from "../../../graphs/host.ts";
import { HttpError } from "../http/http-error.ts";

type Parameter = Exclude<keyof Sampling, "model">;

/** How servers and packages name a parameter when they refuse it. Two of them may be refused together: the second is left out then. */
const named: [Parameter, RegExp][] = [
  ["top_p", /top_?p\b/i],
  ["temperature", /temperature/i],
  ["max_tokens", /max_?(?:completion_?|output_?)?tokens|num_?predict/i],
];

/** Remembers, by model name, which sampling parameters a model refuses. */
export class RefusedSampling {
  readonly #refused = new Map<string, Set<Parameter>>();

  /** The sampling without what the model is known to refuse. */
  accepted(model: string, sampling: Sampling): Sampling {
    const refused = this.#refused.get(model);
    if (!refused) return sampling;
    const left = { ...sampling };
    for (const parameter of refused) delete left[parameter];
    return left;
  }

  /** The parameter that an error blames, if the request had it. It is left out from now on. */
  learn(model: string, sent: Sampling, error: unknown): Parameter | undefined {
    if (!(error instanceof HttpError) || (error.status !== 400 && error.status !== 422)) return undefined;
    const found = named.find(([parameter, name]) => sent[parameter] !== undefined && name.test(error.message));
    if (!found) return undefined;
    const [parameter] = found;
    this.#refused.set(model, (this.#refused.get(model) ?? new Set()).add(parameter));
    return parameter;
  }
}
