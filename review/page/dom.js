// Makes elements, and changes those that are there. Every label, id and text goes in as text, never as HTML.

// what each element was made of
const made = new WeakMap();

export const byId = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, []);
}

function fill(element, attributes, children) {
  made.set(element, attributes);
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
  element.append(...toNodes(children));
  return element;
}

// `key` is no attribute: it tells what an element is about
function put(element, name, value) {
  if (name === "key") return;
  if (name.startsWith("on")) element[name] = value ?? null;
  else if (name === "style") Object.assign(element.style, value);
  else if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

function toNodes(children) {
  const shown = children.flat(2).filter((child) => child !== null && child !== undefined && child !== false);
  return shown.map((child) => (child instanceof Node ? child : document.createTextNode(child)));
}

// Shows these children in a place. What is there already stays the same element, and with it the focus, what is selected,
// and how far it is scrolled. An element about another row (another key) is made anew.
export function redraw(place, ...children) {
  changeTo(place, toNodes(children));
}

function changeTo(place, nodes) {
  nodes.forEach((node, i) => {
    const before = place.childNodes[i];
    if (!before) place.append(node);
    else if (isSame(before, node)) update(before, node);
    else before.replaceWith(node);
  });
  while (place.childNodes.length > nodes.length) place.lastChild.remove();
}

function isSame(before, node) {
  return before.nodeName === node.nodeName && before.id === node.id && made.get(before)?.key === made.get(node)?.key;
}

function update(element, node) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (element.data !== node.data) element.data = node.data;
    return;
  }
  const [before, now] = [made.get(element) ?? {}, made.get(node)];
  for (const name of Object.keys({ ...before, ...now })) if (before[name] !== now[name]) put(element, name, now[name]);
  made.set(element, now);
  changeTo(element, [...node.childNodes]);
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

// an expected number of rows
export function count(value) {
  return value > 0 && value < 0.5 ? "under 1" : number(Math.round(value));
}

// its bounds, no closer than they are
export const range = (low, high) => `${number(Math.floor(low))} to ${number(Math.ceil(high))}`;

// a name may go on in the next line after these signs
export function breakable(name) {
  return name.split(/(?<=[_/-])(?=.)/u).flatMap((part, i) => (i ? [el("wbr"), part] : [part]));
}

export function quality(score) {
  return score >= 0.001 || score === 0 ? score.toFixed(3) : score.toExponential(1);
}

export function bar(share) {
  return el("span", { class: "bar", "aria-hidden": "true" }, el("i", { style: { width: `${(100 * share).toFixed(1)}%` } }));
}

export function key(name) {
  return name ? el("kbd", {}, name) : null;
}
