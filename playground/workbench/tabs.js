import { button } from "../button.js";
import { element } from "../element.js";

/** ARIA tabs: arrow keys, Home and End select a tab. A tab's content is loaded when it is first opened. */
export function tabs(label, entries) {
  const list = element("div", "tabs");
  list.role = "tablist";
  list.ariaLabel = label;
  const made = entries.map(({ id, title, make }) => {
    const tab = button(title, () => open(id));
    const pane = element("div", "pane");
    tab.id = `workbench-tab-${id}`;
    pane.id = `workbench-${id}`;
    tab.role = "tab";
    tab.setAttribute("aria-controls", pane.id);
    pane.role = "tabpanel";
    pane.setAttribute("aria-labelledby", tab.id);
    pane.tabIndex = 0;
    return { id, make, tab, pane, content: undefined };
  });
  let opened;
  list.append(...made.map(({ tab }) => tab));

  function open(id) {
    opened = made.find((entry) => entry.id === id);
    for (const entry of made) {
      const isOpen = entry.id === id;
      entry.tab.ariaSelected = String(isOpen);
      entry.tab.tabIndex = isOpen ? 0 : -1;
      entry.pane.hidden = !isOpen;
    }
    opened.content ??= opened.make(opened.pane);
    return opened.content;
  }

  list.addEventListener("keydown", ({ key }) => {
    const at = made.findIndex(({ tab }) => tab === document.activeElement);
    const last = made.length - 1;
    const steps = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last };
    const next = made[steps[key]];
    if (at < 0 || !next) return;
    open(next.id);
    next.tab.focus();
  });
  return {
    list,
    panes: made.map(({ pane }) => pane),
    open,
    /** Opens the first tab, unless one is open already. */
    openFirst: () => opened ?? open(entries[0].id),
  };
}
