import { fenced, numbered, paragraphs } from "../markdown.ts";

const before = `
useEffect(() => {
  fetchItems(filter).then(setItems);
}, [{ ...filter }]); // a new object in every render
`;

const after = `
useEffect(() => {
  let isCurrent = true;
  fetchItems({ status, page }).then((items) => isCurrent && setItems(items));
  return () => { isCurrent = false; };
}, [status, page]);
`;

export const effectLoop = {
  fits: /\buse_?effect\b|\breact\b[\s\S]*\b(?:loops?|re-?render\w*)\b/i,
  problem: {
    hypotheses: [
      "A dependency is an object, an array or a function that is new in every render",
      "The effect sets a state that it depends on",
      "The dependencies are missing, so that the effect runs after each render",
    ],
    root_cause:
      "The effect sets a state, which renders the component, which makes a new dependency, which runs the effect again.",
    solution_steps: [
      "Log the dependencies to see which of them changes in each render",
      "Depend on plain values instead of objects",
      "Compute what follows from props and state during the render, without an effect",
      "Ignore results that arrive after the component moved on",
    ],
    missing: ["the effect with its dependencies"],
    answer: paragraphs(
      "**Cause.** The effect sets a state, the state renders the component, and the render makes a dependency that is new, so the effect runs again. React compares dependencies with `Object.is`, and `{}` is never `{}`.",
      fenced("jsx", before),
      "**Fix.** Depend on the values themselves:",
      fenced("jsx", after),
      "**Verify**",
      numbered([
        "Put a `console.count()` into the effect: it counts up once per change, twice in development under `StrictMode`.",
        "The linter's rule `react-hooks/exhaustive-deps` stays quiet.",
      ]),
      "If it still loops, show me the effect with its dependencies.",
    ),
  },
  followUp: paragraphs(
    "On the effect from before: what follows from props and state needs no effect at all, and cannot loop.",
    fenced("jsx", "const visible = useMemo(() => items.filter((item) => item.status === status), [items, status]);"),
    "Effects are for what is outside of React: requests, timers, subscriptions.",
  ),
};
