import { element } from "./element.js";

/** Shows the same conversation in a second frame, as another client with its own socket. */
export function secondDevice() {
  const toggle = document.querySelector("#second-device-toggle");
  let frame;
  if (window !== window.top) toggle.remove(); // this page is the second device

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
    /** Call when the page opens another conversation. */
    follow() {
      if (frame) frame.src = location.href;
    },
  };
}
