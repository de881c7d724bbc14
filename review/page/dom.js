// Makes elements. Every label, id and text goes in as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const number = (value) => value.toLocaleString("en");

export function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  return `${value.toFixed(value < 99.95 && value > 0 ? 1 : 0)} %`;
}

export function quality(score) {
  return score >= 0.001 || score === 0 ? score.toFixed(3) : score.toExponential(1);
}

export function bar(share) {
  const fill = el("i");
  fill.style.width = `${(100 * share).toFixed(1)}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, fill);
}

export function key(name) {
  return name ? el("kbd", {}, name) : null;
}
