// What a pointer does on the map: a drag moves it or draws a line, the wheel and two fingers zoom, a click opens.

const CLICK = 4;
const ZOOM_A_PIXEL = 0.0015;
// a line has a point for each so many pixels
const STEP = 3;

// `act` has pan, zoom, drawn (a line that grows), closed (a line that ended), hover and click, and tells isSelecting
export function listen(canvas, act) {
  const fingers = new Map();
  let line = null;
  let start = null;
  let isClick = false;
  let pointer = "mouse";

  const placeOf = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  const drop = () => {
    if (line) act.drawn([]);
    line = null;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, placeOf(event));
    isClick = fingers.size === 1;
    pointer = event.pointerType;
    start = placeOf(event);
    if (fingers.size > 1) drop();
    else if (event.shiftKey || act.isSelecting()) line = [start];
    act.hover(null);
  });

  canvas.addEventListener("pointermove", (event) => {
    const now = placeOf(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") act.hover(now);
      return;
    }
    if (distance(start, now) > CLICK) isClick = false;
    if (fingers.size === 2) pinch(event.pointerId, before, now);
    else if (!line) act.pan(now[0] - before[0], now[1] - before[1]);
    else if (distance(line.at(-1), now) >= STEP) act.drawn(line = [...line, now]);
    fingers.set(event.pointerId, now);
  });

  function pinch(id, before, now) {
    const [[, other]] = [...fingers].filter(([each]) => each !== id);
    const middle = now.map((value, i) => (value + other[i]) / 2);
    act.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    act.zoom(distance(now, other) / Math.max(1, distance(before, other)), ...middle);
  }

  canvas.addEventListener("pointerup", (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    if (line && !isClick) act.closed(line);
    drop();
  });

  // not before, or the click would be on what is shown then
  canvas.addEventListener("click", (event) => isClick && act.click(placeOf(event), pointer));

  canvas.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    drop();
  });
  canvas.addEventListener("pointerleave", () => act.hover(null));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    // a wheel may count in lines
    const pixels = event.deltaY * (event.deltaMode ? 30 : 1) * (event.ctrlKey ? 5 : 1);
    act.zoom(Math.exp(-pixels * ZOOM_A_PIXEL), ...placeOf(event));
  }, { passive: false });
}

const distance = ([x1, y1], [x2, y2]) => Math.hypot(x1 - x2, y1 - y2);
