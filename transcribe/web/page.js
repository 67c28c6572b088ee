// The page that is shown: its rows, what is done to them, and their outlines on the scan.

import * as edit from "./edit.js";
import { gapOf, makeSvg, RowView } from "./rows.js";

const UNDO_STEPS = 50;
const [list, scan, outlines] = ["rows", "scan", "outlines"].map((id) => document.getElementById(id));

/** `view`: what the server told; `saver`: the rows, null where there are none to transcribe;
 *  `views`: the RowView of each row by its id; `tell` and `progressed` are the window's. */
export const shown = { view: null, saver: null, views: new Map(), undone: [], tell: null, progressed: null };

export const rows = () => shown.saver?.rows ?? [];
export const rowOf = (element) => rows().find(({ id }) => id === element?.closest(".row")?.dataset.id);
export const current = () => rowOf(document.activeElement);
export const isOpen = (row) => !row.accepted && !row.left_out;
export const viewOf = (row) => shown.views.get(row?.id);

/** Begin to show a page. */
export function begin(view, saver) {
  Object.assign(shown, { view, saver, views: new Map(), undone: [] });
  list.replaceChildren();
  show();
  const first = rows().find(isOpen) ?? rows()[0];
  if (first) focusRow(first.id);
}

export function show() {
  const elements = [];
  for (const row of rows()) {
    if (!shown.views.has(row.id)) shown.views.set(row.id, new RowView(row, shown.view));
    viewOf(row).update(row, rows());
    elements.push(viewOf(row).element);
  }
  // Elements that stay are not moved: moving one takes the focus from it.
  for (const element of [...list.children]) if (!elements.includes(element)) element.remove();
  elements.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  showOutlines();
  shown.progressed();
}

function showOutlines() {
  const { view } = shown;
  outlines.replaceChildren();
  if (!view?.width) return;
  outlines.setAttribute("viewBox", `0 0 ${view.width} ${view.height}`);
  const focused = current();
  for (const row of rows()) {
    const places = view.lines.filter(({ crop }) => row.crops.includes(crop)).map(({ polygon }) => polygon);
    const place = view.places[row.field] ?? gapOf(row, rows(), view);
    if (place) {
      const [left, top, right, bottom] = place;
      places.push([[left, top], [right, top], [right, bottom], [left, bottom]]);
    }
    const states = { accepted: row.accepted, "left-out": row.left_out, current: row === focused };
    const names = Object.keys(states).filter((name) => states[name]);
    for (const points of places) {
      const outline = makeSvg("polygon", { points: points.join(" "), class: ["outline", ...names].join(" ") });
      outline.dataset.id = row.id;
      outlines.append(outline);
    }
  }
}

export function focusRow(id, place = 0) {
  const view = shown.views.get(id);
  if (!view) return;
  (view.row.left_out ? view.back : view.text).focus({ preventScroll: true });
  if (!view.row.left_out) view.text.setSelectionRange(place, place);
  view.element.scrollIntoView({ block: "nearest" });
  bringToScan();
  view.showHint();
}

/** Mark the current row's place on the scan, and scroll there where it is out of sight. */
export function bringToScan() {
  showOutlines();
  const outline = outlines.querySelector(".current");
  const pane = scan.closest("figure");
  if (!outline || pane.scrollHeight <= pane.clientHeight) return;
  const box = outline.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  const off = box.top + box.height / 2 - frame.top - frame.height / 2;
  if (box.top < frame.top + 40 || box.bottom > frame.bottom - 40) pane.scrollTop += off;
}

/** Accept a row as it stands; false, and told, where it cannot be. */
export function accept(row) {
  const fault = edit.faultOf(row);
  viewOf(row).showHint(fault);
  if (fault) {
    shown.tell(fault, { bad: true });
    return false;
  }
  if (!row.accepted) {
    row.accepted = true;
    shown.saver.touch();
    show();
  }
  return true;
}

/** Accept a row and go to the next that is open, after it or else before; false if there is none. */
export function acceptAndGoOn(row) {
  if (!accept(row)) return true;
  const at = rows().indexOf(row);
  const next = rows().slice(at + 1).find(isOpen) ?? rows().slice(0, at).find(isOpen);
  if (next) focusRow(next.id);
  return Boolean(next);
}

export function step(row, by) {
  const next = rows()[rows().indexOf(row) + by];
  if (next) focusRow(next.id);
}

/** Run one of edit's functions on the rows, remember how to undo it, and go where it says. */
export function change(row, act) {
  const before = structuredClone(rows());
  const goal = act(rows(), row);
  if (!goal) {
    const isLine = row.field === "essay" && !row.left_out;
    const told = isLine ? "No line below to merge with" : "Only lines of the essay can be merged, split or left out";
    shown.tell(told, { bad: true });
    return;
  }
  shown.undone = [...shown.undone.slice(1 - UNDO_STEPS), edit.remember(before, rows())];
  shown.saver.touch();
  show();
  focusRow(goal.id, goal.place);
}

export function undoLast() {
  const before = shown.undone.pop();
  if (!before) return;
  edit.undo(rows(), before);
  shown.saver.touch();
  show();
  const back = before.changed.find((id) => rows().some((row) => row.id === id));
  focusRow(back ?? rows()[0].id);
}

/** The text of a row was typed. */
export function typed(row) {
  const { text } = viewOf(row);
  if (/[\r\n]/.test(text.value)) text.value = text.value.replace(/\s*[\r\n]+\s*/g, " ");
  row.text = text.value;
  row.accepted = false;
  shown.saver.touch();
  viewOf(row).update(row, rows());
  viewOf(row).showHint();
  shown.progressed();
}

/** Take a text that was typed elsewhere, or drop it. */
export function settle(row, index, isTaken) {
  const [other] = row.others.splice(index, 1);
  if (isTaken) {
    if (row.text && row.text !== other) row.others.push(row.text);
    row.text = other;
    row.accepted = false;
  }
  shown.saver.touch();
  show();
  focusRow(row.id);
}
