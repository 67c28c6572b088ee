// The window: which page it shows, and what its keys do.

import * as edit from "./edit.js";
import { make, makeSvg, nameOf, RowView, scanUrl } from "./rows.js";
import { forProject, recover, Saver } from "./saver.js";

const UNDO_STEPS = 50;
const byId = (id) => document.getElementById(id);
const [list, pages, status, scan, outlines, keys] = ["rows", "page", "status", "scan", "outlines", "keys"].map(byId);

let standings = [];
let wanted = null; // the page that was asked for last
let view = null; // what the server told of the page
let saver = null; // its rows; null where it cannot be transcribed
let views = new Map(); // RowView by row id
let undone = [];
let channel = null;
const savers = new Map();

function tell(text, bad = false) {
  status.textContent = text;
  status.classList.toggle("bad", bad);
}

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).fault ?? answer.statusText);
  return answer.json();
}

// --- pages ---

const canBeTyped = ({ reason }) => !reason;
const here = () => standings.findIndex(({ page }) => page === wanted);

async function openPage(page) {
  wanted = page;
  const found = await ask(`/pages/${encodeURIComponent(page)}`);
  if (wanted !== page) return;
  view = found;
  saver = null;
  if (view.draft) {
    const kept = savers.get(page);
    if (kept && !kept.settled) saver = kept;
    else savers.set(page, (saver = new Saver(page, view.draft, { changed: saved(page), failed: (text) => tell(text, true) })));
  }
  views = new Map();
  undone = [];
  location.hash = encodeURIComponent(page);
  document.title = `${page} - Transcribe`;
  pages.value = page;
  byId("reason").hidden = !view.reason;
  byId("reason").textContent = view.reason;
  scan.hidden = true; // until it is loaded: lines must not lie on the page before
  scan.removeAttribute("src");
  if (view.scan) Object.assign(scan, { src: scanUrl(page), alt: `Scan of ${page}` });
  scan.parentElement.style.aspectRatio = view.width ? `${view.width} / ${view.height}` : "";
  list.replaceChildren();
  show();
  const first = rows().find((row) => !row.accepted && !row.left_out) ?? rows()[0];
  if (first) focusRow(first.id);
}

async function turn(step) {
  const next = standings[here() + step];
  if (next) await openPage(next.page);
}

/** The next page that is not done, after this one or else before it. */
async function onward() {
  await loadStandings();
  const at = here();
  const next = [...standings.slice(at + 1), ...standings.slice(0, at)].find((each) => canBeTyped(each) && each.state !== "done");
  if (next) await openPage(next.page);
  return next ? "" : "All pages are done: `make run` scores them";
}

async function loadStandings() {
  const answer = await ask("/pages");
  forProject(answer.project);
  channel ??= listen(answer.project);
  standings = answer.pages;
  showStandings();
}

function showStandings() {
  const signs = { done: "✓ ", rejected: "✗ ", unread: "✗ ", faulty: "! ", begun: "… ", new: "" };
  const words = { done: "done", rejected: "rejected", unread: "not read yet", faulty: "has a fault", begun: "begun", new: "" };
  pages.replaceChildren(...standings.map(({ page, state }) => make("option", {
    value: page, textContent: `${signs[state]}${page}${words[state] && ` (${words[state]})`}`,
  })));
  if (view) pages.value = view.page;
  showProgress();
}

function showProgress() {
  const counted = rows().filter((row) => row.field === "essay" && !row.left_out);
  const accepted = counted.filter((row) => row.accepted).length;
  const typed = standings.filter(canBeTyped);
  const done = typed.filter(({ state }) => state === "done").length;
  byId("progress").textContent = `${counted.length ? `${accepted} of ${counted.length} lines, ` : ""}${done} of ${typed.length} pages done`;
}

// --- rows ---

const rows = () => saver?.rows ?? [];
const rowOf = (element) => rows().find(({ id }) => id === element?.closest(".row")?.dataset.id);
const current = () => rowOf(document.activeElement);

function show() {
  const elements = [];
  for (const row of rows()) {
    if (!views.has(row.id)) views.set(row.id, new RowView(row, view));
    const shown = views.get(row.id);
    shown.update(row, rows());
    elements.push(shown.element);
  }
  // Elements that stay are not moved: moving one takes the focus from it.
  for (const element of [...list.children]) if (!elements.includes(element)) element.remove();
  elements.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  showOutlines();
  showProgress();
}

function showOutlines() {
  outlines.replaceChildren();
  if (!view?.width) return;
  outlines.setAttribute("viewBox", `0 0 ${view.width} ${view.height}`);
  const focused = current();
  for (const row of rows()) {
    const places = view.lines.filter(({ crop }) => row.crops.includes(crop)).map(({ polygon }) => polygon);
    const print = view.places[row.field];
    if (print) {
      const [left, top, right, bottom] = print;
      places.push([[left, top], [right, top], [right, bottom], [left, bottom]]);
    }
    for (const points of places) {
      const state = `${row.accepted ? " accepted" : ""}${row.left_out ? " left-out" : ""}${row === focused ? " current" : ""}`;
      const outline = makeSvg("polygon", { points: points.join(" "), class: `outline${state}` });
      outline.dataset.id = row.id;
      outlines.append(outline);
    }
  }
}

function focusRow(id, place = 0, past = place) {
  const shown = views.get(id);
  if (!shown) return;
  const target = shown.row.left_out ? shown.back : shown.text;
  target.focus({ preventScroll: true });
  if (!shown.row.left_out) shown.text.setSelectionRange(place, past);
  shown.element.scrollIntoView({ block: "nearest" });
  bringToScan();
  shown.showHint?.();
}

function bringToScan() {
  showOutlines();
  const outline = outlines.querySelector(".current");
  const pane = scan.closest("figure");
  if (!outline || pane.scrollHeight <= pane.clientHeight) return;
  const box = outline.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  const off = box.top + box.height / 2 - frame.top - frame.height / 2;
  if (box.top < frame.top + 40 || box.bottom > frame.bottom - 40) pane.scrollTop += off;
}

function accept(row) {
  const fault = edit.faultOf(row);
  views.get(row.id).showHint(fault);
  if (fault) {
    tell(fault, true);
    return false;
  }
  if (!row.accepted) {
    row.accepted = true;
    saver.touch();
    show();
  }
  return true;
}

/** Enter: accept, then the next open row; after the last, the next page. */
async function acceptAndGoOn(row) {
  if (!accept(row)) return;
  const at = rows().indexOf(row);
  const isOpen = (each) => !each.accepted && !each.left_out;
  const next = rows().slice(at + 1).find(isOpen) ?? rows().slice(0, at).find(isOpen);
  if (next) {
    focusRow(next.id);
    return;
  }
  const { page } = view;
  while (!saver.settled) await saver.sending;
  if (view.page === page) tell(`${page} is written to data/transcriptions. ${await onward()}`);
}

function step(row, by) {
  const at = rows().indexOf(row);
  const next = rows()[at + by];
  if (next) focusRow(next.id);
}

/** Run one of edit's functions on the rows, remember how to undo it, and go where it says. */
function change(row, act) {
  const before = structuredClone(rows());
  const goal = act(rows(), row);
  if (!goal) {
    tell("Only lines of the essay can be merged, split or left out", true);
    return;
  }
  undone = [...undone.slice(1 - UNDO_STEPS), edit.remember(before, rows())];
  saver.touch();
  show();
  focusRow(goal.id, goal.place);
}

function undoLast() {
  const before = undone.pop();
  if (!before) return;
  edit.undo(rows(), before);
  saver.touch();
  show();
  const back = before.changed.find((id) => rows().some((row) => row.id === id));
  focusRow(back ?? rows()[0].id);
}

/** Replace a part of a field as typing would, so that the browser's own undo knows of it. */
function replace(row, change) {
  const { text } = views.get(row.id);
  if (!change) return;
  text.setSelectionRange(change.from, change.to);
  document.execCommand("insertText", false, change.by);
}

function nextDoubt(row) {
  const { doubts, text } = views.get(row.id);
  const doubt = doubts.find(({ from }) => from >= text.selectionEnd && (from > text.selectionStart || text.selectionStart === text.selectionEnd)) ?? doubts[0];
  if (doubt) text.setSelectionRange(doubt.from, doubt.to);
  views.get(row.id).showHint();
}

const isCycling = ({ cycle, text }) => cycle
  && cycle.value === text.value && cycle.from === text.selectionStart && cycle.to === text.selectionEnd;

/** The next of the characters that the recogniser thought of for the place at the caret. */
function anotherCharacter(row) {
  const shown = views.get(row.id);
  const { text } = shown;
  const cycle = isCycling(shown) ? shown.cycle : null;
  const doubt = cycle ?? shown.doubtAtCaret();
  if (!doubt) return;
  const choices = cycle?.choices ?? [text.value.slice(doubt.from, doubt.to), ...doubt.others];
  const turn = ((cycle?.turn ?? 0) + 1) % choices.length;
  replace(row, { from: doubt.from, to: doubt.to, by: choices[turn] });
  shown.cycle = { choices, turn, from: doubt.from, to: doubt.from + choices[turn].length, value: text.value };
  text.setSelectionRange(shown.cycle.from, shown.cycle.to);
  shown.hint.textContent = `${choices.map((each, index) => (index === turn ? `[${each}]` : each)).join("  ")}`;
}

function anotherReading(row) {
  const texts = row.crops.length === 1 ? view.readings[row.crops[0]]?.texts ?? [] : [];
  if (texts.length < 2) return;
  const next = texts[(texts.indexOf(row.text) + 1) % texts.length];
  replace(row, { from: 0, to: row.text.length, by: next });
}

// --- events ---

const marked = (row, how) => {
  const { text } = views.get(row.id);
  replace(row, how(text.value, text.selectionStart, text.selectionEnd));
};
const onRow = {
  KeyJ: nextDoubt,
  KeyA: anotherCharacter,
  KeyR: anotherReading,
  KeyX: (row) => marked(row, edit.strike),
  KeyU: (row) => marked(row, edit.unreadable),
  KeyM: (row) => change(row, edit.mergeBelow),
  KeyS: (row) => change(row, (all, one) => edit.split(all, one, views.get(row.id).text.selectionStart)),
  KeyN: (row, event) => change(row, (all, one) => edit.add(all, one, event.shiftKey)),
  Delete: (row) => change(row, edit.leaveOut),
  Backspace: (row) => change(row, edit.leaveOut),
};
const anywhere = { KeyZ: undoLast, PageDown: () => turn(1), PageUp: () => turn(-1) };
const onEssay = new Set(["KeyJ", "KeyA", "KeyR", "KeyX", "KeyU"]);

function pressed(event) {
  if (event.key === "F1") return () => (keys.open ? keys.close() : keys.showModal());
  if (keys.open || event.isComposing || event.ctrlKey || event.metaKey) return null;
  const row = current();
  const inText = row && event.target.matches("textarea");
  if (event.altKey) {
    if (anywhere[event.code]) return anywhere[event.code];
    if (!inText || !onRow[event.code]) return null;
    if (onEssay.has(event.code) && row.field !== "essay") return () => {};
    return () => onRow[event.code](row, event);
  }
  if (!row) return null;
  const { value, selectionStart, selectionEnd } = event.target;
  const oneLine = row.field === "essay" || row.field === "band" || row.left_out;
  if (event.key === "ArrowDown" && (oneLine || selectionStart === value.length)) return () => step(row, 1);
  if (event.key === "ArrowUp" && (oneLine || selectionEnd === 0)) return () => step(row, -1);
  if (!inText) return null;
  if (event.key === "Enter") return () => acceptAndGoOn(row);
  return null;
}

document.addEventListener("keydown", (event) => {
  const row = current();
  if (event.key === "Tab" && !event.shiftKey && row && event.target.matches("textarea")) {
    if (!accept(row)) event.preventDefault();
    return;
  }
  const act = pressed(event);
  if (!act) return;
  event.preventDefault();
  act();
});
list.addEventListener("input", (event) => {
  const row = rowOf(event.target);
  if (!row) return;
  const { text } = views.get(row.id);
  if (/[\r\n]/.test(text.value)) text.value = text.value.replace(/\s*[\r\n]+\s*/g, " ");
  row.text = text.value;
  row.accepted = false;
  saver.touch();
  views.get(row.id).update(row, rows());
  views.get(row.id).showHint();
  showProgress();
});
list.addEventListener("focusin", (event) => {
  bringToScan();
  views.get(rowOf(event.target)?.id)?.showHint();
});
list.addEventListener("focusout", (event) => views.get(rowOf(event.target)?.id)?.hideHint());
document.addEventListener("selectionchange", () => {
  const shown = views.get(current()?.id);
  if (shown && !isCycling(shown)) shown.showHint(edit.faultOf(shown.row));
});
list.addEventListener("click", (event) => {
  const row = rowOf(event.target);
  const button = event.target.closest("button");
  if (!row || !button) return;
  if (button.matches(".back")) {
    change(row, edit.bringBack);
    return;
  }
  const [other] = row.others.splice(Number(button.value), 1);
  if (button.matches(".take")) {
    row.others.push(...(row.text && row.text !== other ? [row.text] : []));
    row.text = other;
    row.accepted = false;
  }
  saver.touch();
  show();
  focusRow(row.id);
});
outlines.addEventListener("click", (event) => {
  const { id } = event.target.closest(".outline")?.dataset ?? {};
  if (id) focusRow(id);
});
scan.addEventListener("load", () => {
  scan.hidden = false;
  bringToScan();
});
pages.addEventListener("change", () => openPage(pages.value));
byId("before").addEventListener("click", () => turn(-1));
byId("after").addEventListener("click", () => turn(1));
byId("onward").addEventListener("click", async () => tell(await onward()));
byId("show-keys").addEventListener("click", () => keys.showModal());
addEventListener("hashchange", () => {
  const page = decodeURIComponent(location.hash.slice(1));
  if (page !== wanted && standings.some((each) => each.page === page)) openPage(page);
});
addEventListener("beforeunload", (event) => {
  if ([...savers.values()].some((each) => !each.settled)) event.preventDefault();
});

// --- other windows ---

const saved = (page) => (merged) => {
  const standing = standings.find((each) => each.page === page);
  if (standing) standing.state = savers.get(page).state;
  channel.postMessage({ page, version: savers.get(page).base.version });
  showStandings();
  if (page !== view.page) return;
  if (merged) show();
  tell(merged ? "Saved, together with what was typed elsewhere" : "Saved");
  catchUpIfBehind();
};

const newest = new Map(); // the last version of a page that another tab told of

function catchUpIfBehind() {
  if (saver && newest.get(saver.page) > saver.base.version) catchUp();
}

/** Take over what another window saved. */
async function catchUp() {
  const now = saver;
  if (!now?.settled) return;
  const found = await ask(`/pages/${encodeURIComponent(now.page)}`);
  if (saver !== now || !now.settled || !found.draft) return;
  if (now.take(found.draft)) {
    show();
    tell("Another window, or an editor, changed this page: what it typed is shown here");
  }
}

function listen(project) {
  const made = new BroadcastChannel(`transcribe-${project}`);
  made.addEventListener("message", ({ data }) => {
    newest.set(data.page, data.version);
    catchUpIfBehind();
    loadStandings();
  });
  return made;
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) catchUp().catch((error) => tell(error.message, true));
});

async function start() {
  await loadStandings();
  await recover();
  await loadStandings();
  const named = decodeURIComponent(location.hash.slice(1));
  const first = standings.find(({ page }) => page === named)
    ?? standings.find((each) => canBeTyped(each) && each.state !== "done")
    ?? standings.find(canBeTyped) ?? standings[0];
  await openPage(first.page);
}
start().catch((error) => tell(error.message, true));
