import { element } from "./element.js";

/** In UTF-16 units. */
const partUnits = 8_192;

/** Shows a growing text as it is, in parts. The browser lays out only those in view. */
export function plainText(root) {
  let doneUnits = 0;
  let part;

  function begin() {
    part = element("p", "plain");
    part.dir = "auto";
    root.append(part);
  }

  begin();
  return (text) => {
    let rest = text.slice(doneUnits);
    while (rest.length > partUnits) {
      const end = rest.lastIndexOf("\n", partUnits - 1) + 1 || partUnits;
      part.textContent = rest.slice(0, end);
      doneUnits += end;
      rest = rest.slice(end);
      begin();
    }
    if (part.textContent !== rest) part.textContent = rest;
  };
}
