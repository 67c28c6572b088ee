// A page's rows on the screen: crop, text with its tints, hint.

import { doubtsIn, readingOf, tint } from "./tint.js";

const NAMES = { topic: "Topic", band: "Band", examiner_comment: "Examiner's comment" };
const SVG = "http://www.w3.org/2000/svg";

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function makeSvg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const pageUrl = (page) => `/pages/${encodeURIComponent(page)}`;
export const scanUrl = ({ page, scan }) => `${pageUrl(page)}/scan?${scan}`;

/** "Line 3", counted over the lines that are not left out; or the field's name. */
export function nameOf(rows, row) {
  if (row.field !== "essay") return NAMES[row.field];
  const counted = rows.filter(({ field, left_out }) => field === "essay" && !left_out);
  return `Line ${counted.indexOf(row) + 1}`;
}

/** Where an added line must stand on the scan, [left, top, right, bottom]: from the middle of the
 *  line above to that of the line below, at the essay's ends as far as a line is high. Null for a
 *  line that has crops, or where no line was found at all. */
export function gapOf(row, rows, { lines, width }) {
  const boxOf = ({ crops }) => lines.find(({ crop }) => crops.includes(crop))?.box;
  if (row.field !== "essay" || !width || boxOf(row)) return null;
  const at = rows.indexOf(row);
  const above = rows.slice(0, at).map(boxOf).findLast(Boolean);
  const below = rows.slice(at + 1).map(boxOf).find(Boolean);
  if (!above && !below) return null;
  const middle = ([, top, , bottom]) => (top + bottom) / 2;
  const height = ([, top, , bottom]) => bottom - top;
  const start = above ? middle(above) : middle(below) - 2 * height(below);
  const end = below ? middle(below) : start + 2 * height(above);
  if (end <= start) return null;
  const left = Math.min(...lines.map(({ box }) => box[0]));
  const right = Math.max(...lines.map(({ box }) => box[2]));
  return [left, Math.max(0, start), right, end];
}

/** The elements of one row; `update` shows it as it is now. */
export class RowView {
  constructor(row, view) {
    this.view = view;
    this.doubts = [];
    this.cycle = null;
    this.element = make("li");
    this.element.dataset.id = row.id;
    this.number = make("span", { className: "number" });
    this.name = make("span", { className: "name", textContent: NAMES[row.field] ?? "" });
    this.name.hidden = row.field === "essay";
    this.crop = make("div", { className: "crop" });
    this.tints = make("div", { className: "tints", ariaHidden: "true" });
    this.text = make("textarea", {
      rows: 1, spellcheck: false, autocomplete: "off", autocapitalize: "off", maxLength: 20000,
    });
    this.text.setAttribute("autocorrect", "off");
    this.field = make("div", { className: "field" }, this.tints, this.text);
    this.hint = make("p", { className: "hint", id: `hint-${row.id}` });
    this.text.setAttribute("aria-describedby", this.hint.id);
    this.others = make("ul", { className: "others", hidden: true });
    this.back = make("button", { type: "button", className: "back" });
    this.parts = [this.number, this.name, this.crop, this.field, this.others, this.hint];
    this.element.append(...this.parts);
  }

  update(row, rows) {
    const name = nameOf(rows, row);
    this.row = row;
    this.element.className = `row ${row.field}${row.accepted ? " accepted" : ""}${row.left_out ? " left-out" : ""}`;
    if (row.left_out) {
      this.back.textContent = row.text ? `Left out: “${row.text}” - bring it back` : "Left out - bring it back";
      this.element.replaceChildren(this.back);
      return;
    }
    if (this.back.parentElement) this.element.replaceChildren(...this.parts);
    const short = row.field === "essay" ? name.slice(5) : "";
    this.number.replaceChildren(short, ...(row.accepted ? [make("b", { textContent: "✓", title: "accepted" })] : []));
    this.#showCrop(row, rows, name);
    this.text.setAttribute("aria-label", name);
    if (this.text.value !== row.text) {
      const { selectionStart, selectionEnd } = this.text;
      this.text.value = row.text;
      this.text.setSelectionRange(selectionStart, selectionEnd);
    }
    this.#showOthers(row);
    this.showTints();
  }

  showTints() {
    const { row } = this;
    this.doubts = row.accepted || row.field !== "essay"
      ? []
      : doubtsIn(row.text, readingOf(row.crops, this.view.readings));
    tint(this.tints, row.text, this.doubts);
  }

  /** What is told below the field while it is typed in: a fault, or the doubt at the caret. */
  showHint(fault = "") {
    this.text.setAttribute("aria-invalid", String(Boolean(fault)));
    const doubt = this.doubtAtCaret();
    if (fault) {
      this.hint.replaceChildren(make("span", { className: "bad", textContent: fault }));
    } else if (doubt?.others.length) {
      const read = make("b", { textContent: this.text.value.slice(doubt.from, doubt.to).replace(" ", "␣") });
      const others = doubt.others.map((other) => other.replace(" ", "␣")).join("  ");
      this.hint.replaceChildren(`${Math.round(100 * doubt.probability)} % sure of `, read, ` - or: ${others}`);
    } else {
      const left = this.doubts.length;
      const told = left ? `${left} uncertain: Alt+J jumps to the next` : "";
      this.hint.textContent = this.row.accepted ? "Accepted" : told;
    }
  }

  hideHint() {
    if (this.text.getAttribute("aria-invalid") !== "true") this.hint.replaceChildren();
  }

  /** Whether the caret is still on the character that Alt+A put there. */
  isCycling() {
    const { cycle, text } = this;
    return Boolean(cycle) && cycle.value === text.value
      && cycle.from === text.selectionStart && cycle.to === text.selectionEnd;
  }

  doubtAtCaret() {
    const { selectionStart: start, selectionEnd: end } = this.text;
    return this.doubts.find(({ from, to }) => from <= start && end <= to && start < to);
  }

  #showCrop(row, rows, name) {
    const { page, places, lines } = this.view;
    const place = places[row.field] ?? gapOf(row, rows, this.view);
    const shown = JSON.stringify([row.crops, name, place]);
    if (this.crop.dataset.shown === shown) return;
    this.crop.dataset.shown = shown;
    const known = row.crops.filter((crop) => lines.some((line) => line.crop === crop));
    const images = known.map((crop) => {
      const image = make("img", { src: `${pageUrl(page)}/crops/${crop}`, alt: `Scan of ${name.toLowerCase()}` });
      return this.#scaled(image, crop);
    });
    this.crop.replaceChildren(...(place ? [this.#partOfScan(place, name)] : images));
    this.crop.hidden = !this.crop.childElementCount;
  }

  #partOfScan([left, top, right, bottom], name) {
    const svg = makeSvg("svg", { viewBox: `${left} ${top} ${right - left} ${bottom - top}`, role: "img" });
    svg.setAttribute("aria-label", `Scan of ${name.toLowerCase()}`);
    const { width, height } = this.view;
    svg.append(makeSvg("image", { href: scanUrl(this.view), width, height, preserveAspectRatio: "none" }));
    return svg;
  }

  /** All crops in one scale, each as far from the left as its line is. */
  #scaled(image, crop) {
    const { lines } = this.view;
    const left = Math.min(...lines.map(({ box }) => box[0]));
    const width = Math.max(...lines.map(({ box }) => box[2])) - left;
    const { box } = lines.find((line) => line.crop === crop);
    image.style.width = `${(100 * (box[2] - box[0])) / width}%`;
    image.style.marginLeft = `${(100 * (box[0] - left)) / width}%`;
    return image;
  }

  #showOthers(row) {
    this.others.hidden = row.others.length === 0;
    this.others.replaceChildren(...row.others.map((other, index) => make("li", {},
      "Typed elsewhere: ", make("q", { textContent: other }),
      make("button", { type: "button", className: "take", value: index, textContent: "Take it" }),
      make("button", { type: "button", className: "drop", value: index, textContent: "Drop it" }),
    )));
  }
}
