// The window: which page it shows, what its header says, and what other windows do.

import { bringToScan, begin, change, current, focusRow, isOpen, rowOf, rows, settle, show, shown, typed, viewOf } from "./page.js";
import * as edit from "./edit.js";
import { listenToKeys } from "./keys.js";
import { make, scanUrl } from "./rows.js";
import { fetchOwn, forProject, recover, Saver } from "./saver.js";

const byId = (id) => document.getElementById(id);
const [list, pages, status, scan, outlines] = ["rows", "page", "status", "scan", "outlines"].map(byId);
const savers = new Map(); // by page: what is on its way goes on when another page is shown

const SAVED = "Saved";
const NOTICE_MS = 8000;

let noticed = 0; // until when
let standings = [];
let wanted = null; // the page that was asked for last
let channel = null;
let finishing = null; // the saver of the page that is being finished

/** Say something in the header. It stays for a while before "Saved" follows, what is wrong until
 *  something is typed; what is so until it is saved gives way at once. */
function tell(text, { bad = false, untilSaved = false } = {}) {
  if (text === SAVED && performance.now() < noticed) return;
  noticed = performance.now() + (untilSaved || text === SAVED ? 0 : NOTICE_MS);
  status.textContent = text;
  status.classList.toggle("bad", bad);
}

async function ask(path) {
  const answer = await fetchOwn(path);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).fault ?? answer.statusText);
  return answer.json();
}

const pageUrl = (page) => `/pages/${encodeURIComponent(page)}`;
const attempt = (promise) => promise.catch((error) => tell(error.message, { bad: true }));

// --- pages ---

const canBeTyped = ({ reason }) => !reason;
const here = () => standings.findIndex(({ page }) => page === wanted);

async function openPage(page) {
  wanted = page;
  const view = await ask(pageUrl(page));
  if (wanted !== page) return;
  const hash = `#${encodeURIComponent(page)}`;
  if (location.hash !== hash) history.pushState(null, "", hash); // which calls no hashchange
  document.title = `${page} - Transcribe`;
  pages.value = page;
  byId("reason").hidden = !view.reason;
  byId("reason").textContent = view.reason;
  scan.hidden = true; // until it is loaded: lines must not lie on the page before
  scan.removeAttribute("src");
  if (view.scan) Object.assign(scan, { src: scanUrl(view), alt: `Scan of ${page}` });
  scan.parentElement.style.aspectRatio = view.width ? `${view.width} / ${view.height}` : "";
  begin(view, view.draft && saverOf(page, view.draft));
}

function saverOf(page, draft) {
  const kept = savers.get(page);
  if (kept && !kept.settled) return kept;
  const made = new Saver(page, draft, {
    changed: (merged) => saved(page, merged),
    failed: (text) => tell(text, { bad: true, untilSaved: true }),
  });
  savers.set(page, made);
  return made;
}

async function turn(step) {
  const next = standings[here() + step];
  if (next) await openPage(next.page);
}

/** Go to the next page that is not done, after this one or else before; what there is to tell. */
async function onward(isWanted = () => true) {
  await loadStandings();
  if (!isWanted()) return "";
  const at = here();
  const others = [...standings.slice(at + 1), ...standings.slice(0, at)];
  const next = others.find((each) => canBeTyped(each) && each.state !== "done");
  if (next) await openPage(next.page);
  return next ? "" : "All pages are done: `make run` scores them";
}

/** All rows are accepted: once they are saved, the next page, unless something is typed meanwhile. */
async function finished() {
  const { saver } = shown;
  if (finishing === saver) return;
  finishing = saver;
  const isDone = () => wanted === saver.page && !saver.rows.some(isOpen);
  try {
    saver.touch(); // the file may be gone since the last row was accepted
    while (!saver.settled) await saver.sending;
    if (!isDone()) return;
    const told = await onward(isDone);
    if (wanted !== saver.page || isDone()) tell(`${saver.page} is written to data/transcriptions. ${told}`);
  } finally {
    finishing = null;
  }
}

async function loadStandings() {
  const answer = await ask("/pages");
  forProject(answer.project);
  channel ??= listen(answer.project);
  standings = answer.pages;
  showStandings();
}

const SIGNS = { done: "✓", rejected: "✗", unread: "✗", faulty: "!", begun: "…", new: "" };
const WORDS = { done: "done", rejected: "rejected", unread: "not read yet", faulty: "has a fault", begun: "begun" };

function showStandings() {
  pages.replaceChildren(...standings.map(({ page, state }) => make("option", {
    value: page, textContent: `${SIGNS[state]} ${page}${state in WORDS ? ` (${WORDS[state]})` : ""}`.trim(),
  })));
  if (wanted) pages.value = wanted;
  showProgress();
}

function showProgress() {
  const lines = rows().filter((row) => row.field === "essay" && !row.left_out);
  const accepted = lines.filter((row) => row.accepted).length;
  const typed = standings.filter(canBeTyped);
  const done = typed.filter(({ state }) => state === "done").length;
  const ofLines = lines.length ? `${accepted} of ${lines.length} lines, ` : "";
  byId("progress").textContent = `${ofLines}${done} of ${typed.length} pages done`;
}

// --- events ---

list.addEventListener("input", ({ target }) => {
  const row = rowOf(target);
  if (status.classList.contains("bad")) noticed = 0;
  if (row) typed(row);
});
list.addEventListener("focusin", ({ target }) => {
  bringToScan();
  viewOf(rowOf(target))?.showHint();
});
list.addEventListener("focusout", ({ target }) => viewOf(rowOf(target))?.hideHint());
document.addEventListener("selectionchange", () => {
  const row = current();
  if (row && !viewOf(row).isCycling()) viewOf(row).showHint(edit.faultOf(row));
});
list.addEventListener("click", ({ target }) => {
  const row = rowOf(target);
  const button = target.closest("button");
  if (!row || !button) return;
  if (button.matches(".back")) change(row, edit.bringBack);
  else settle(row, Number(button.value), button.matches(".take"));
});
// No click: the outlines are drawn anew with the focus, between the button's going down and up.
outlines.addEventListener("mousedown", (event) => {
  const { id } = event.target.closest(".outline")?.dataset ?? {};
  if (!id) return;
  event.preventDefault(); // which would take the focus away again
  focusRow(id);
});
scan.addEventListener("load", () => {
  scan.hidden = false;
  bringToScan();
});
pages.addEventListener("change", () => attempt(openPage(pages.value)));
byId("before").addEventListener("click", () => attempt(turn(-1)));
byId("after").addEventListener("click", () => attempt(turn(1)));
byId("onward").addEventListener("click", () => attempt(onward().then((told) => tell(told))));
byId("show-keys").addEventListener("click", () => byId("keys").showModal());
addEventListener("hashchange", () => {
  const page = decodeURIComponent(location.hash.slice(1));
  if (page !== wanted && standings.some((each) => each.page === page)) attempt(openPage(page));
});
addEventListener("beforeunload", (event) => {
  if ([...savers.values()].some((each) => !each.settled)) event.preventDefault();
});

// --- other windows ---

const newest = new Map(); // the last version of a page that another window told of

function saved(page, merged) {
  const { state, base } = savers.get(page);
  channel.postMessage({ page, state, version: base.version });
  note(page, state);
  if (page !== shown.view.page) return;
  if (merged) show();
  tell(merged ? "Saved, together with what was typed elsewhere" : SAVED);
  catchUpIfBehind();
}

/** A page's state as this window or another was told. */
function note(page, state) {
  const standing = standings.find((each) => each.page === page);
  if (!standing || standing.state === state) return;
  standing.state = state;
  showStandings();
}

function catchUpIfBehind() {
  const { saver } = shown;
  if (saver && newest.get(saver.page) > saver.base.version) attempt(catchUp());
}

/** Take over what another window saved. */
async function catchUp() {
  const { saver } = shown;
  if (!saver?.settled) return;
  const { draft } = await ask(pageUrl(saver.page));
  if (shown.saver !== saver || !saver.settled || !draft) return;
  if (saver.take(draft)) {
    show();
    tell("Another window, or an editor, changed this page: what it typed is shown here");
  }
}

function listen(project) {
  const made = new BroadcastChannel(`transcribe-${project}`);
  made.addEventListener("message", ({ data }) => {
    newest.set(data.page, data.version);
    note(data.page, data.state);
    catchUpIfBehind();
  });
  return made;
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) attempt(catchUp());
});

async function start() {
  Object.assign(shown, { tell, progressed: showProgress });
  listenToKeys({ turn: (by) => attempt(turn(by)), finished: () => attempt(finished()) });
  await loadStandings();
  await recover();
  await loadStandings();
  const named = decodeURIComponent(location.hash.slice(1));
  const first = standings.find(({ page }) => page === named)
    ?? standings.find((each) => canBeTyped(each) && each.state !== "done")
    ?? standings.find(canBeTyped) ?? standings[0];
  await openPage(first.page);
}
attempt(start());
