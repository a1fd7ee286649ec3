import { element } from "./element.js";

/** Shows the same conversation a second time, beside this one: another client, with a socket of its own. */
export function secondDevice() {
  const toggle = document.querySelector("#second-device-toggle");
  let frame;
  if (window !== window.top) toggle.remove(); // this is the second one

  toggle.addEventListener("click", () => {
    if (frame) frame.remove();
    else document.querySelector("#chat").after(opened());
    toggle.setAttribute("aria-expanded", String(frame.isConnected));
    if (!frame.isConnected) frame = undefined;
  });

  function opened() {
    frame = element("iframe");
    frame.id = "second-device";
    frame.title = "Second device";
    frame.src = location.href;
    return frame;
  }

  return {
    /** The page shows another conversation. */
    follow() {
      if (frame) frame.src = location.href;
    },
  };
}
