import { isLabelled } from "./given.js";


// Every key of the page. To add one, add an entry: it is then handled, has its button, and stands in the help.
//
//   name     what the other files call it; also the id of its button
//   key      its sign on buttons and in the help
//   presses  what the browser calls the keys that it stands for, if that is not the sign: letters are capitals; Shift+ may
//            stand before them. A reviewer can give an entry with one such key another (bindings.js)
//   help     what it does; keys with the same help share a line of it
//   run      does it, with the page (page.js) and the name of the key that was pressed, whatever the layout (layouts.js)
//   zoomed   does what the key does while the picture is zoomed, where no other key does anything; also with the page
//   when     returns whether it does something now; if not, its button is disabled
//   decides  whether it is about the row on the screen: where there is none yet, a line says so
//   repeats  whether it is done again while it is held down
//   bar      which row of buttons shows it: decide, class, move, select (among many), view or help (on top)
//   label    the text of its button, or a function that returns it for the page, null for no button
//   class    the class of its button
//   pressed  returns whether its button stays down

const isSingle = (page) => page.view === "focus";
const isMany = (page) => page.view === "grid";
const hasRows = (page) => page.targets().length > 0;
const hasLabelled = (page) => page.targets().some(isLabelled);
const isPicture = (page) => isSingle(page) && page.model.kind === "picture" && page.model.current !== null;
const isBrowsing = (page) => !page.isCertifying;
const canRedo = (page) => page.model.outbox.undone.length > 0;
const isSeen = (page) => hasRows(page) && !page.targets().some(page.isBlind);

const ZOOM = "zoom the picture and back; the pointer and the arrow keys move it";

const TABS = {
  labels: ["L", "the tab Labels: the flagged rows, worst first"],
  spread: ["P", "the tab Spread: rows from all over the ranking"],
  duplicates: ["D", "the tab Duplicates"],
  outliers: ["O", "the tab Outliers"],
  picture_quality: ["Q", "the tab Picture quality"],
  unlabelled: ["Shift+L", "the tab Unlabelled: rows without a label"],
  map: ["V", "the tab Map: all rows at once"],
  certify: ["T", "the tab Certify: rows drawn at random"],
};

export const KEYS = [
  { name: "keep", decides: true, key: "K", help: "keep the given label", bar: "decide", class: "keep", label: keepLabel, when: hasLabelled, run: (page) => page.decide("keep") },
  { name: "accept", decides: true, key: "A", help: "accept the suggestion", bar: "decide", class: "accept", label: acceptLabel, when: isSeen, run: (page) => page.accept() },
  { name: "remove", decides: true, key: "X", help: "remove the example", bar: "decide", class: "remove", label: "Remove", when: hasRows, run: (page) => page.decide("remove") },
  { name: "unsure", decides: true, key: "S", help: "not sure: the label stays, unless a rule is set", bar: "decide", label: "Not sure", when: hasRows, run: (page) => page.decide("unsure") },
  { name: "wrong", decides: true, key: "I", help: "to certify: the label is wrong; the next key says what is right", class: "wrong", label: "Wrong", when: (page) => page.isCertifying && hasRows(page), run: (page) => page.mend() },
  { name: "beyond", key: "H", help: "to certify: go on beyond the goal", label: "Look at more rows", when: (page) => Boolean(page.isCertifying && page.model.cards.shown?.progress.reached), run: (page) => page.setGoal(page.model.cards.goal, true) },
  {
    name: "class", decides: true, key: "0–9", presses: [..."0123456789"], help: "a class: by its digit, or by its place; with more than ten, 1 to 3 are the likeliest",
    when: (page, pressed) => page.classOf(pressed) !== undefined, run: (page, pressed) => page.choose(page.classOf(pressed)),
  },
  { name: "another", decides: true, key: "C", help: "a class by its name", bar: "class", label: anotherLabel, when: hasRows, run: (page) => page.openChooser() },
  { name: "previous", key: "←", presses: ["ArrowLeft"], help: "previous and next (page, among many)", bar: "move", label: "Previous", when: isBrowsing, repeats: true, run: (page) => page.move(-1), zoomed: (page) => page.pan(-1, 0) },
  { name: "next", key: "→", presses: ["ArrowRight"], help: "previous and next (page, among many)", bar: "move", label: "Next", when: isBrowsing, repeats: true, run: (page) => page.move(1), zoomed: (page) => page.pan(1, 0) },
  { name: "next-undecided", key: "N", help: "next undecided", bar: "move", label: "Next undecided", when: isBrowsing, run: (page) => page.next() },
  { name: "undo", key: "U", help: "undo your last decision, also after a restart", bar: "move", label: "Undo", run: (page) => page.undo() },
  { name: "redo", key: "Shift+U", help: "do again what you took back last", bar: "move", label: redoLabel, when: canRedo, run: (page) => page.redo() },
  { name: "try-again", key: "R", help: "try again to save what could not be saved", label: "Try again", when: (page) => page.model.outbox.unsaved.length > 0, run: (page) => page.tryAgain() },
  { name: "further", key: "M", help: "more: the rows that come next in rank, flagged or not", when: (page) => page.model.tab.further > 0, run: (page) => page.goOn() },
  { name: "zoom", key: "Z", help: ZOOM, when: isPicture, run: (page) => page.zoom(), zoomed: (page) => page.unzoom() },
  { name: "pan-up", key: "↑", presses: ["ArrowUp"], help: ZOOM, repeats: true, zoomed: (page) => page.pan(0, -1) },
  { name: "pan-down", key: "↓", presses: ["ArrowDown"], help: ZOOM, repeats: true, zoomed: (page) => page.pan(0, 1) },
  { name: "similar", key: "F", help: "find the rows that are most like this one", bar: "move", label: (page) => (page.model.similar ? "Find similar" : null), when: (page) => Boolean(isBrowsing(page) && page.model.similar && page.model.current), run: (page) => page.findSimilar() },
  { name: "history", key: "Shift+H", help: "the row's history: all that was decided on it", bar: "move", label: "History", when: (page) => isSeen(page) && isSingle(page), run: (page) => page.openHistory() },
  { name: "note", key: "W", help: "write a note for the next decision", when: isSingle, run: (page) => page.writeNote() },
  { name: "many", key: "G", help: "one by one, or many", when: isBrowsing, run: (page) => page.setView(isMany(page) ? "focus" : "grid") },
  // the browser presses the button that has the focus
  { name: "select", key: "Space", presses: [], help: "among many: select" },
  { name: "select-page", key: "E", help: "among many: select the page", bar: "select", label: "Select page", when: isMany, run: (page) => page.selectPage() },
  { name: "open", key: "Enter", help: "among many: open the last selected; blind: next undecided", run: open },
  { name: "blind", key: "B", help: "blind: hide what the model thinks until you have chosen", bar: "view", label: "Blind", pressed: (page) => page.model.blind, run: (page) => page.setBlind(!page.model.blind) },
  ...Object.entries(TABS).map(([name, [key, help]]) => ({ name: `tab-${name}`, key, help, run: (page) => page.openTab(name) })),
  { name: "tab-similar", key: null, presses: [], help: "find the rows that are most like this one", run: (page) => page.openTab("similar") },
  { name: "load-anew", key: "Y", help: "load the results that were made anew", label: "Load them", when: (page) => Boolean(page.changed?.outdated), run: (page) => page.loadAnew() },
  { name: "show-help", key: "?", help: "this help", bar: "help", label: "Help", run: (page) => page.openHelp() },
];

function keepLabel(page) {
  if (isMany(page)) return page.model.tab.name === "unlabelled" ? null : "Keep";
  return isLabelled(page.model.current) ? `Keep ${page.model.current.given_label}` : null;
}

function acceptLabel(page) {
  const row = page.model.current;
  if (isMany(page)) return "Accept";
  if (page.isBlind(row)) return "Accept suggestion";
  return row.suggested_label === row.given_label ? null : `Make it ${row.suggested_label}`;
}

function anotherLabel(page) {
  if (isMany(page)) return "A class…";
  return page.model.hasClassKeys ? null : "Another class";
}

function redoLabel(page) {
  return canRedo(page) ? "Redo" : null;
}

function open(page) {
  if (isSingle(page)) page.model.blind && page.next();
  else if (page.model.current) page.open(page.model.current);
}
