// What keys do to rows: each function changes `rows` in place and returns the id of the row to go
// to, or null where there is nothing to do.

const STRUCK = /~~(?!~).+?~~/g;
const BAND = /^([0-8]([.,][05])?|9([.,]0)?)?$/;

const isLine = (row) => row.field === "essay" && !row.left_out;
const newId = () => `new-${crypto.randomUUID().slice(0, 13)}`;
const freshRow = (crops, text) => ({
  id: newId(), field: "essay", crops, text, accepted: false, left_out: false, others: [],
});

/** Why a row cannot be accepted, empty where it can. */
export function faultOf(row) {
  const text = row.text.trim();
  if (row.field === "band" && !BAND.test(text)) return "A band is 0 to 9 in halves, or empty";
  if (row.field === "essay" && text.replaceAll(STRUCK, "").includes("~~")) {
    return "A ~~ has no partner: write ~~struck~~";
  }
  return "";
}

/** The line and the next as one; `place` is where they meet. */
export function mergeBelow(rows, row) {
  const below = rows.slice(rows.indexOf(row) + 1).find(isLine);
  if (!isLine(row) || !below) return null;
  const head = row.text.trimEnd();
  row.text = [head, below.text.trimStart()].filter(Boolean).join(" ");
  row.crops = [...new Set([...row.crops, ...below.crops])];
  row.others = [...new Set([...row.others, ...below.others])];
  row.accepted = false;
  rows.splice(rows.indexOf(below), 1);
  return { id: row.id, place: head.length };
}

export function split(rows, row, at) {
  if (!isLine(row)) return null;
  const rest = freshRow(row.crops, row.text.slice(at).trimStart());
  row.text = row.text.slice(0, at).trimEnd();
  row.accepted = false;
  rows.splice(rows.indexOf(row) + 1, 0, rest);
  return { id: rest.id, place: 0 };
}

/** An empty line above or below a row, and never outside the essay. */
export function add(rows, row, above) {
  let at = rows.indexOf(row) + (above ? 0 : 1);
  const first = rows.findIndex(({ field }) => field === "examiner_comment" || field === "essay");
  const last = rows.findIndex(({ field }) => field === "examiner_comment");
  at = Math.min(Math.max(at, first), last);
  const added = freshRow([], "");
  rows.splice(at, 0, added);
  return { id: added.id, place: 0 };
}

export function leaveOut(rows, row) {
  if (!isLine(row)) return null;
  row.left_out = true;
  const at = rows.indexOf(row);
  const next = rows.slice(at + 1).find((each) => !each.left_out) ?? rows.slice(0, at).findLast((each) => !each.left_out);
  return { id: next.id, place: 0 };
}

export function bringBack(rows, row) {
  row.left_out = false;
  row.accepted = false;
  return { id: row.id, place: 0 };
}

/** Undo one of the above: the rows that it changed as they were, all others as they are now. What
 *  was typed since in a row that it changed, here or elsewhere, is shown beside it; a row that it
 *  made then stays. */
export function undo(rows, before) {
  const was = new Map(before.rows.map((row) => [row.id, row]));
  const now = new Map(rows.map((row) => [row.id, row]));
  const changed = new Set(before.changed);
  const typedSince = ({ id, text, others }) => {
    const then = before.after.get(id);
    return [text, ...others].filter((each) => each && ![then?.text, ...(then?.others ?? [])].includes(each));
  };
  const asItWas = (id) => {
    const { others, ...row } = was.get(id);
    const typed = (now.has(id) ? typedSince(now.get(id)) : []).filter((each) => each !== row.text);
    return typed.length
      ? { ...row, others: [...new Set([...others, ...typed])], accepted: false }
      : { ...row, others };
  };
  const restored = before.rows
    .filter(({ id }) => changed.has(id) || now.has(id))
    .map(({ id }) => (changed.has(id) ? asItWas(id) : now.get(id)));
  rows.forEach((row, index) => {
    if (was.has(row.id) || (changed.has(row.id) && !typedSince(row).length)) return;
    const behind = restored.findIndex(({ id }) => id === rows[index - 1]?.id);
    restored.splice(behind + 1, 0, row);
  });
  rows.splice(0, rows.length, ...restored);
}

/** What `undo` needs: the rows before an edit, the ids that differ after it, and its rows. */
export function remember(before, rows) {
  const was = new Map(before.map((row) => [row.id, JSON.stringify(row)]));
  const now = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
  const ids = new Set([...was.keys(), ...now.keys()]);
  const changed = [...ids].filter((id) => was.get(id) !== now.get(id));
  return { rows: before, changed, after: new Map(rows.map((row) => [row.id, structuredClone(row)])) };
}

/** The word that a place in a text stands in, or the selection: [start, end]. */
function wordAt(text, start, end) {
  if (end > start) {
    const chosen = text.slice(start, end);
    return [start + chosen.length - chosen.trimStart().length, end - chosen.length + chosen.trimEnd().length];
  }
  while (start > 0 && /\S/.test(text[start - 1])) start--;
  while (end < text.length && /\S/.test(text[end])) end++;
  return [start, end];
}

/** The replacement that marks a word or selection as struck, or takes the mark away. */
export function strike(text, start, end) {
  const mark = [...text.matchAll(STRUCK)].find(
    ({ index, 0: all }) => index <= start && end <= index + all.length,
  );
  if (mark) return { from: mark.index, to: mark.index + mark[0].length, by: mark[0].slice(2, -2) };
  const [from, to] = wordAt(text, start, end);
  return from < to ? { from, to, by: `~~${text.slice(from, to).replaceAll("~~", "")}~~` } : null;
}

/** The replacement of a word or selection by the mark for what cannot be read. */
export function unreadable(text, start, end) {
  const [from, to] = wordAt(text, start, end);
  return { from, to, by: "[?]" };
}
