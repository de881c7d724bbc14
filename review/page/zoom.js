// One picture as large as the window, or larger: moved by the pointer, by a finger or by the arrow keys.

import { byId } from "./dom.js";

// how many times larger than it is a picture may be shown, unless it is smaller than the window
const MOST = 8;
// of the window's sides, by one press of an arrow key
const STEP = 0.2;
// a finger that moves no further has tapped
const TAP_PX = 8;
const fingers = new Map();
// which place of the picture, from 0 to 1, is in the middle of the window, and how many times larger it is shown
const shown = { x: 0.5, y: 0.5, scale: 1 };
let moved = 0;

export const isZoomed = () => byId("zoom").open;

// begins where the pointer is, if it was opened by that
export function openZoom(picture, title, { clientX = 0, clientY = 0 } = {}) {
  const image = byId("zoom-picture");
  image.src = picture.src;
  image.alt = picture.alt;
  image.classList.toggle("pixels", picture.classList.contains("pixels"));
  byId("zoom-title").textContent = title;
  byId("zoom").showModal();
  // what the browser has is there at once
  image.decode().then(() => fill(clientX / innerWidth || 0.5, clientY / innerHeight || 0.5), () => {});
}

export const closeZoom = () => byId("zoom").close();

export function pan(right, down) {
  const [width, height] = size();
  moveTo(shown.x + (right * STEP * innerWidth) / width, shown.y + (down * STEP * innerHeight) / height);
}

export function connectZoom() {
  const dialog = byId("zoom");
  dialog.addEventListener("pointerdown", touch);
  dialog.addEventListener("pointermove", follow);
  for (const end of ["pointerup", "pointercancel"]) dialog.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
  dialog.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 500));
  }, { passive: false });
  dialog.addEventListener("click", () => moved < TAP_PX && closeZoom());
  byId("zoom-close").addEventListener("click", closeZoom);
  dialog.addEventListener("close", () => fingers.clear());
  addEventListener("resize", () => isZoomed() && fill(shown.x, shown.y));
}

// the picture fills the window: one of its sides may reach beyond it
function fill(x, y) {
  const { naturalWidth, naturalHeight } = byId("zoom-picture");
  const [wide, high] = [innerWidth / naturalWidth, innerHeight / naturalHeight];
  shown.scale = Math.max(1, Math.min(wide, high), Math.min(MOST, Math.max(wide, high)));
  moveTo(x, y);
}

function size() {
  const { naturalWidth, naturalHeight } = byId("zoom-picture");
  return [naturalWidth * shown.scale, naturalHeight * shown.scale];
}

// no further than to the picture's edges
function moveTo(x, y) {
  const [width, height] = size();
  const within = (place, half) => (half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, place)));
  shown.x = within(x, innerWidth / width / 2);
  shown.y = within(y, innerHeight / height / 2);
  const [left, top] = [innerWidth / 2 - shown.x * width, innerHeight / 2 - shown.y * height];
  byId("zoom-picture").style.transform = `translate(${left}px, ${top}px) scale(${shown.scale})`;
}

function zoomBy(factor) {
  const { naturalWidth, naturalHeight } = byId("zoom-picture");
  const fit = Math.min(innerWidth / naturalWidth, innerHeight / naturalHeight);
  shown.scale = Math.min(Math.max(MOST, fit), Math.max(Math.min(1, fit), shown.scale * factor));
  moveTo(shown.x, shown.y);
}

function touch(event) {
  if (!fingers.size) moved = 0;
  if (event.pointerType !== "mouse") fingers.set(event.pointerId, event);
}

function follow(event) {
  if (event.pointerType === "mouse") {
    // the whole picture is within the pointer's reach
    moveTo(event.clientX / innerWidth, event.clientY / innerHeight);
    return;
  }
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const apart = distance();
  fingers.set(event.pointerId, event);
  const [right, down] = [event.clientX - before.clientX, event.clientY - before.clientY];
  moved += Math.hypot(right, down);
  const [width, height] = size();
  moveTo(shown.x - right / width / fingers.size, shown.y - down / height / fingers.size);
  if (apart) zoomBy(distance() / apart);
}

// between two fingers
function distance() {
  const [one, other] = fingers.values();
  return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
}
