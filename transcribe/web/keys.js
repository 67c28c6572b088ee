// What the keys do.

import * as edit from "./edit.js";
import { accept, acceptAndGoOn, change, current, shown, step, undoLast, viewOf } from "./page.js";

/** Replace a part of a field as typing would, so that the browser's own undo knows of it. */
function replace(row, part) {
  if (!part) return;
  viewOf(row).text.setSelectionRange(part.from, part.to);
  document.execCommand("insertText", false, part.by);
}

function mark(row, how) {
  const { text } = viewOf(row);
  replace(row, how(text.value, text.selectionStart, text.selectionEnd));
}

function nextDoubt(row) {
  const { doubts, text } = viewOf(row);
  const { selectionStart: start, selectionEnd: end } = text;
  const doubt = doubts.find(({ from }) => from >= end && (from > start || start === end)) ?? doubts[0];
  if (doubt) text.setSelectionRange(doubt.from, doubt.to);
  else shown.tell("Nothing uncertain in this line: read it all the same");
  viewOf(row).showHint();
}

/** The next of the characters that the recogniser thought of for the place at the caret. */
function anotherCharacter(row) {
  const view = viewOf(row);
  const { text } = view;
  const cycle = view.isCycling() ? view.cycle : null;
  const doubt = cycle ?? view.doubtAtCaret();
  if (!doubt?.others?.length && !cycle) {
    shown.tell("Nothing else was thought of at the caret: Alt+J goes to what is uncertain");
    return;
  }
  const choices = cycle?.choices ?? [text.value.slice(doubt.from, doubt.to), ...doubt.others];
  const turn = ((cycle?.turn ?? 0) + 1) % choices.length;
  replace(row, { from: doubt.from, to: doubt.to, by: choices[turn] });
  view.cycle = { choices, turn, from: doubt.from, to: doubt.from + choices[turn].length, value: text.value };
  text.setSelectionRange(view.cycle.from, view.cycle.to);
  view.hint.textContent = choices.map((each, index) => (index === turn ? `[${each}]` : each)).join("  ");
}

function anotherReading(row) {
  const texts = row.crops.length === 1 ? shown.view.readings[row.crops[0]]?.texts ?? [] : [];
  if (texts.length < 2) {
    shown.tell("This line has no other reading");
    return;
  }
  replace(row, { from: 0, to: row.text.length, by: texts[(texts.indexOf(row.text) + 1) % texts.length] });
}

const inEssay = {
  KeyJ: nextDoubt,
  KeyA: anotherCharacter,
  KeyR: anotherReading,
  KeyX: (row) => mark(row, edit.strike),
  KeyU: (row) => mark(row, edit.unreadable),
};
const inAnyRow = {
  KeyM: (row) => change(row, edit.mergeBelow),
  KeyS: (row) => change(row, (all, one) => edit.split(all, one, viewOf(row).text.selectionStart)),
  KeyN: (row, event) => change(row, (all, one) => edit.add(all, one, event.shiftKey)),
  Delete: (row) => change(row, edit.leaveOut),
  Backspace: (row) => change(row, edit.leaveOut),
};

/** The letter on the key, wherever the keyboard has it; its place where Alt makes another of it. */
const codeOf = ({ key, code }) => (/^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : code);

function withAlt(event, row, isText, turn) {
  const code = codeOf(event);
  const anywhere = { KeyZ: undoLast, PageDown: () => turn(1), PageUp: () => turn(-1) };
  if (anywhere[code]) return anywhere[code];
  if (!isText) return null;
  const act = inAnyRow[code] ?? (row.field === "essay" ? inEssay[code] : null);
  return act && (() => act(row, event));
}

function plain(event, row, isText, finished) {
  const { value, selectionStart, selectionEnd } = event.target;
  const isOneLine = row.field === "essay" || row.field === "band" || row.left_out;
  if (event.key === "ArrowDown" && (isOneLine || selectionStart === value.length)) return () => step(row, 1);
  if (event.key === "ArrowUp" && (isOneLine || selectionEnd === 0)) return () => step(row, -1);
  if (event.key === "Enter" && isText) return () => acceptAndGoOn(row) || finished();
  return null;
}

/** `turn(by)` goes to another page, `finished()` is called when all rows are accepted. */
export function listenToKeys({ turn, finished }) {
  const help = document.getElementById("keys");
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const row = current();
    const isText = Boolean(row) && event.target.matches("textarea");
    let act = null;
    if (event.key === "F1") act = () => (help.open ? help.close() : help.showModal());
    else if (help.open) return;
    else if (event.key === "Tab" && isText && !event.shiftKey && !accept(row)) act = () => {};
    else if (event.altKey) act = withAlt(event, row, isText, turn);
    else if (row) act = plain(event, row, isText, finished);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
