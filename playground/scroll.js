/** Close enough to the end to count as there. */
const nearPx = 60;

/** Keeps the end in view while it grows, unless the reader has scrolled up. */
export function followEnd(pane, content) {
  let follows = true;
  const toEnd = () => {
    pane.scrollTop = pane.scrollHeight;
  };
  pane.addEventListener("scroll", () => {
    follows = pane.scrollHeight - pane.scrollTop - pane.clientHeight < nearPx;
  });
  content.addEventListener("click", ({ target }) => {
    if (target.closest("summary")) follows = false; // whoever opens details wants to see where they open
  });
  new ResizeObserver(() => follows && toEnd()).observe(content);
  return {
    toEnd() {
      follows = true;
      toEnd();
    },
  };
}
