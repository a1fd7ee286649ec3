/** The sidebar: beside the chat in wide windows, a drawer over it in narrow ones. */
export function drawer() {
  const toggle = document.querySelector("#sidebar-toggle");
  const sidebar = document.querySelector("#sidebar");
  const chat = document.querySelector("#chat");
  const narrow = matchMedia("(max-width: 60rem)");

  function show(isOpen) {
    sidebar.hidden = !isOpen;
    chat.inert = isOpen && narrow.matches;
    toggle.setAttribute("aria-expanded", String(isOpen));
  }

  function closeIfNarrow() {
    if (narrow.matches) show(false);
  }

  toggle.addEventListener("click", () => {
    show(sidebar.hidden);
    if (!sidebar.hidden && narrow.matches) sidebar.querySelector("button").focus();
  });
  sidebar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !narrow.matches) return;
    event.preventDefault();
    show(false);
    toggle.focus();
  });
  document.querySelector("#panes").addEventListener("click", ({ target }) => {
    if (target.id === "panes") closeIfNarrow();
  });
  narrow.addEventListener("change", () => show(!narrow.matches));
  show(!narrow.matches);
  return { closeIfNarrow };
}
