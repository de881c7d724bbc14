// Makes elements. Every label, id and text goes in as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, []);
}

function fill(element, attributes, children) {
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

// a probability, never as if it were certain
export function chance(share) {
  if (share < 0.01) return "under 1 %";
  return share > 0.99 ? "over 99 %" : `${Math.round(100 * share)} %`;
}

// an expected number, which may be less than one
export function count(value) {
  return value < 9.95 ? String(Number(value.toFixed(1))) : number(Math.round(value));
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
