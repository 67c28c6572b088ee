// A page's rows on their way to the server: every change is sent as soon as the one before it has
// arrived, and lies in the browser's own store until it has.

import { drop, dropIfStill, keep, keptUnder } from "./outbox.js";

const RETRY_MS = 1000;
const KEEPALIVE_LENGTH = 20_000; // browsers refuse more than 64 KiB, of all requests together
const tab = crypto.randomUUID(); // not the session's: a tab's duplicate has its store too
const clone = (rows) => structuredClone(rows);

let prefix = "";
let headers = {};

/** Tell projects apart that are served from the same address one after another. */
export function forProject(project) {
  prefix = `transcribe/${project}/`;
  headers = { "X-Project": project };
}

/** As `fetch`; the server refuses what is asked for another project than it serves. */
export const fetchOwn = (path, options = {}) =>
  fetch(path, { ...options, headers: { ...headers, ...options.headers } });

async function send(page, typing) {
  const body = JSON.stringify(typing);
  const answer = await fetchOwn(`/pages/${encodeURIComponent(page)}`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body,
    keepalive: body.length < KEEPALIVE_LENGTH,
  });
  if (answer.status === 403) {
    throw new Error("The server was started anew: open the address that it printed. What you type here is kept");
  }
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Error(`Not saved: ${told.fault ?? answer.statusText}. What you type here is kept`);
  }
  return answer.json();
}

/** Send what windows that are gone could not send any more. */
export async function recover() {
  const all = await keptUnder(prefix).catch((error) => {
    console.warn(`nothing can be kept in the browser: ${error.message}`);
    return [];
  });
  for (const [key, kept] of all) {
    try {
      const { page, ...typing } = JSON.parse(kept);
      await send(page, typing);
      await dropIfStill(key, kept);
    } catch (error) {
      console.warn(`${key}: ${error.message}`);
    }
  }
}

/** The server's row, with what was changed here since `sent` was sent. Where both have another
 *  text, this one stays and the server's is shown beside it. A line that one left out while the
 *  other typed in it stays. */
function rebased(own, sent, row) {
  const isKept = (name) => JSON.stringify(own[name]) !== JSON.stringify(sent[name]);
  const kept = Object.fromEntries(Object.keys(own).filter(isKept).map((name) => [name, own[name]]));
  const accepted = isKept("text") ? own.accepted : row.accepted;
  const stays = own.left_out !== row.left_out && !sent.left_out
    && (own.left_out ? row : own).text !== sent.text;
  const mine = { ...row, accepted, ...kept, ...(stays && { left_out: false, accepted: false }) };
  if (!isKept("text") || [sent.text, own.text, ""].includes(row.text)) return mine;
  return { ...mine, accepted: false, others: [...new Set([...mine.others, row.text])] };
}

export class Saver {
  /** `changed(merged)` is called after every answer, `failed(message)` after every failure. */
  constructor(page, draft, { changed, failed }) {
    this.page = page;
    this.base = { version: draft.version, rows: clone(draft.rows) };
    this.rows = draft.rows;
    this.changed = changed;
    this.failed = failed;
    this.dirty = false;
    this.sending = null;
    this.unkept = false;
    this.keeping = null;
    this.key = `${prefix}${page}/${tab}`;
  }

  get settled() {
    return !this.dirty && !this.sending;
  }

  /** The rows were changed: keep them here, then there. */
  touch() {
    this.dirty = true;
    this.#keep();
    this.sending ??= this.#pump();
  }

  #keep() {
    this.unkept = true;
    this.keeping ??= this.#keepAll();
  }

  async #keepAll() {
    try {
      while (this.unkept) {
        this.unkept = false;
        const { version, rows } = this.base;
        await keep(this.key, JSON.stringify({ page: this.page, version, base: rows, rows: this.rows }));
      }
    } catch (error) {
      console.warn(`not kept in the browser: ${error.message}`); // the server has it in a moment
    } finally {
      this.keeping = null;
    }
  }

  /** All has arrived: nothing need be kept any more. */
  async #discard() {
    this.unkept = false;
    await this.keeping;
    if (!this.dirty) await drop(this.key).catch(() => {}); // what is sent twice is merged
  }

  async #pump() {
    while (this.dirty) {
      this.dirty = false;
      const sent = clone(this.rows);
      try {
        const answer = await send(this.page, { version: this.base.version, base: this.base.rows, rows: sent });
        this.state = answer.state;
        const merged = this.take(answer.draft, sent);
        if (this.dirty) this.#keep();
        else await this.#discard();
        if (!this.dirty) this.sending = null;
        this.changed(merged);
      } catch (error) {
        this.dirty = true;
        const offline = error instanceof TypeError;
        this.failed(offline
          ? "No answer from the server: is `make transcribe` still running? What you type here is kept"
          : error.message);
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
    this.sending = null;
  }

  /** Go on from the server's draft; whether it differs from what was sent. What was changed here
   *  since then stays. */
  take(draft, sent = this.base.rows) {
    if (draft.version < this.base.version) return false;
    const before = new Map(sent.map((row) => [row.id, row]));
    const here = new Map(this.rows.map((row) => [row.id, row]));
    const merged = draft.rows.length !== sent.length
      || draft.rows.some((row, index) => JSON.stringify(row) !== JSON.stringify(sent[index]));
    this.base = { version: draft.version, rows: clone(draft.rows) };
    if (!merged) return false;
    const rows = [];
    for (const row of draft.rows) {
      const own = here.get(row.id);
      const isAsSent = JSON.stringify(before.get(row.id)) === JSON.stringify(row);
      if (!own && isAsSent) continue;
      rows.push(own ? rebased(own, before.get(row.id) ?? own, row) : row);
    }
    this.rows.forEach((row, index) => {
      const isAsSent = before.get(row.id)?.text === row.text;
      if (isAsSent || rows.some(({ id }) => id === row.id)) return;
      const behind = rows.findIndex(({ id }) => id === this.rows[index - 1]?.id);
      rows.splice(behind + 1, 0, row);
    });
    this.rows = rows;
    return true;
  }
}
