/** Within this distance, the pane counts as scrolled to the end. */
const nearPx = 60;

/** Keeps the end of a growing pane in view, unless the user has scrolled up. */
export function followEnd(pane, content) {
  let follows = true;
  const toEnd = () => {
    pane.scrollTop = pane.scrollHeight;
  };
  pane.addEventListener("scroll", () => {
    follows = pane.scrollHeight - pane.scrollTop - pane.clientHeight < nearPx;
  });
  content.addEventListener("click", ({ target }) => {
    if (target.closest("summary")) follows = false; // opened details should stay in view
  });
  new ResizeObserver(() => follows && toEnd()).observe(content);
  return {
    toEnd() {
      follows = true;
      toEnd();
    },
  };
}
