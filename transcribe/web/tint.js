// Which characters of a text the recogniser was not sure of, and the marks in it.

const DOUBTFUL = 0.7;
const MARKS = /~~(?!~).+?~~|\[\?\]/g;

/** The reading of a row's crops one after another: its text and doubts, each with its place. */
export function readingOf(crops, readings) {
  let text = "";
  const doubts = [];
  for (const crop of crops) {
    const reading = readings[crop];
    if (!reading) continue;
    if (text) text += " ";
    const at = [...text].length;
    for (const doubt of reading.doubts) {
      doubts.push({ ...doubt, start: doubt.start + at, end: doubt.end + at });
    }
    text += reading.texts[0];
  }
  return { text, doubts };
}

/** For every character of `text` its index in `reading`, -1 where it was typed (longest common
 *  subsequence). Both are arrays of code points. */
export function origins(text, reading) {
  const lengths = Array.from({ length: text.length + 1 }, () => new Uint16Array(reading.length + 1));
  for (let i = text.length - 1; i >= 0; i--) {
    for (let j = reading.length - 1; j >= 0; j--) {
      lengths[i][j] = text[i] === reading[j]
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const found = new Array(text.length).fill(-1);
  for (let i = 0, j = 0; i < text.length && j < reading.length;) {
    if (text[i] === reading[j]) found[i++] = j++;
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    else j++;
  }
  return found;
}

/** The doubts that still stand in `text`, with `from` and `to` in UTF-16 units of it. */
export function doubtsIn(text, reading) {
  const characters = [...text];
  const places = origins(characters, [...reading.text]);
  const offsets = [0];
  for (const character of characters) offsets.push(offsets.at(-1) + character.length);
  const found = [];
  for (const doubt of reading.doubts) {
    const first = places.indexOf(doubt.start);
    const last = places.indexOf(doubt.end - 1);
    if (first < 0 || last - first !== doubt.end - 1 - doubt.start) continue;
    found.push({ ...doubt, from: offsets[first], to: offsets[last + 1] });
  }
  return found;
}

/** `text` as spans into `holder`: doubts by their degree, marks as what they mean. */
export function tint(holder, text, doubts) {
  const classes = new Array(text.length).fill("");
  for (const { from, to, probability } of doubts) {
    classes.fill(probability < DOUBTFUL ? "doubtful" : "unsure", from, to);
  }
  for (const mark of text.matchAll(MARKS)) {
    const kind = mark[0] === "[?]" ? "unreadable" : "struck";
    classes.fill(kind, mark.index, mark.index + mark[0].length);
  }
  const spans = [];
  for (let start = 0; start < text.length;) {
    let end = start + 1;
    while (end < text.length && classes[end] === classes[start]) end++;
    const span = document.createElement("span");
    if (classes[start]) span.className = classes[start];
    span.textContent = text.slice(start, end);
    spans.push(span);
    start = end;
  }
  holder.replaceChildren(...spans, "\u200b");
}
