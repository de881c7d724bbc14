// Starts the page, and asks from time to time what others have decided.

import { writeAddress } from "./address.js";
import { readDecisions, readSession } from "./api.js";
import { readChanges } from "./bindings.js";
import { fillGoals } from "./certificate.js";
import { byId } from "./dom.js";
import { isOneOfMany } from "./home.js";
import { drawSigns, fillPlaces, leaveToComposing, onKey } from "./keyboard.js";
import { connectMap } from "./map.js";
import { clearError, fail } from "./messages.js";
import { Model } from "./model.js";
import { connectNote } from "./note.js";
import { Page } from "./page.js";
import { sayBelow } from "./show.js";
import { fillTabs } from "./tabs.js";
import { drawTrust } from "./trust.js";
import { watch } from "./watch.js";
import { connectZoom } from "./zoom.js";

const POLL_MS = 3000;
const TABS_AFTER_MS = 1000;

async function start() {
  const wanted = new URLSearchParams(location.search);
  wanted.delete("token");
  writeAddress(wanted);
  const session = await readSession().catch(fail);
  if (!session) {
    byId("progress-text").textContent = "";
    return;
  }
  takeDealt(session);
  const page = new Page(new Model(session));
  connect(page);
  if (wanted.has("further") && page.model.tab.further) page.goOn();
  const tab = wanted.get("tab");
  await page.openTab(Object.hasOwn(page.model.tabs, tab) ? tab : page.model.firstTab);
  page.draw();
  document.body.dataset.ready = "yes";
}

// the part that was taken in this browser, unless the server was told one
function takeDealt({ dataset, dealing }) {
  const [part, parts] = (localStorage.getItem(`review:${dataset}:part`) || "0/0").split("/").map(Number);
  if (!dealing.parts) Object.assign(dealing, { part, parts, isTaken: true });
}

function connect(page) {
  const { dataset } = page.model;
  document.title = `Review ${dataset}`;
  byId("dataset").textContent = dataset;
  byId("home").hidden = !isOneOfMany;
  drawTrust(page.model.trust);
  document.body.dataset.pictures = page.model.exact ? "pixels" : "photographs";
  fillPlaces(page);
  connectNote();
  connectZoom();
  connectMap(page);
  if (page.model.cards) fillGoals(page.model, (goal) => page.setGoal(goal));
  byId("show-focus").onclick = () => page.setView("focus");
  byId("show-grid").onclick = () => page.setView("grid");
  byId("reviewer").onclick = () => page.askName();
  byId("yield-short").onclick = unfold;
  document.addEventListener("keydown", leaveToComposing, true);
  document.addEventListener("keydown", (event) => onKey(page, event));
  addEventListener("resize", () => sayBelow(page.model.columns));
  addEventListener("storage", (event) => hear(page, event));
  addEventListener("beforeunload", (event) => page.model.outbox.waiting && event.preventDefault());
  addEventListener("pagehide", () => page.model.outbox.keepSent());
  document.addEventListener("visibilitychange", () => poll(page));
  setInterval(() => poll(page), POLL_MS);
  setTimeout(() => fillTabs(page.model).then(() => page.draw(), fail), TABS_AFTER_MS);
}

// in a small window, the yield is one line until it is opened
function unfold({ currentTarget: button }) {
  button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
}

// what another tab of this browser has kept
function hear(page, event) {
  page.model.outbox.hear(event);
  readChanges();
  drawSigns();
  page.draw();
}

async function poll(page) {
  if (document.visibilityState !== "visible") return;
  try {
    await watch(page);
    const answer = await readDecisions(page.model.version);
    clearError();
    // those that others had open may be free now
    if (page.model.cards?.isWaiting) page.renewCards();
    if (answer.version === page.model.version) return;
    page.model.update(answer);
    page.draw();
    page.renewForecast();
    page.renewCards();
  } catch (error) {
    fail(error);
  }
}

start();
