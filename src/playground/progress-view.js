import { element } from "./element.js";
import { valueView } from "./value-view.js";

const deciders = {
  local: "chosen locally",
  model: "chosen by the model",
  client: "chosen by you",
  rule: "chosen by a rule",
};

/** How the answer comes about: the route with who decided it and why, and the engine's steps as they happen. */
export function progressView() {
  const route = element("p", "route");
  const list = element("ol", "steps");
  const steps = new Map();

  function step(name) {
    const known = steps.get(name);
    if (known) return known;
    const item = element("li", "step", element("span", "name", name));
    steps.set(name, item);
    list.append(item);
    return item;
  }

  return {
    route,
    list,
    routed(type, routing) {
      if (!type) return;
      route.replaceChildren(element("span", "engine", type.replaceAll("_", " ")));
      if (!routing) return;
      const { decided_by, confidence, reason } = routing;
      const sure = decided_by === "client" ? "" : `, ${Math.round(confidence * 100)} % sure`;
      route.append(
        element("span", "why", `${deciders[decided_by] ?? decided_by}${sure}${reason ? `: ${reason}` : ""}`),
      );
    },
    started(name) {
      step(name).classList.add("running");
    },
    finished(name, detail) {
      const item = step(name);
      item.className = "step done";
      const summary = element("summary", "name", name);
      item.replaceChildren(element("details", "", summary, valueView(detail)));
    },
    /** Whatever still ran when the turn ended did not finish. */
    over() {
      for (const item of steps.values()) item.classList.remove("running");
    },
  };
}
