import { engineProblem } from "../graphs/chosen-engines.ts";
import { list } from "./settings/kinds.ts";

/** The setting ENGINES: `+name` switches an engine on, `-name` off. */
export const engineChanges = list([])
  .refine((changes) => changes.every((change) => /^[+-]./.test(change)), {
    message: "expected +name or -name, separated by commas",
    abort: true,
  })
  .superRefine((changes, context) => {
    const message = engineProblem(changes);
    if (message) context.addIssue({ code: "custom", message });
  });
