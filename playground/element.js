/**
 * Creates an element. Strings become text, never HTML.
 * @param {string} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 */
export function element(tag, className = "", ...children) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  created.append(...children);
  return created;
}
