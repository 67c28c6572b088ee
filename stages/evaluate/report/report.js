"use strict";
// A page's scan and lines are text in <noscript>; they are elements only while the page is near the
// screen, so that a report of hundreds of pages opens fast and stays small in memory.

const sections = [...document.querySelectorAll("section.page")];
const sheet = document.getElementById("sheet");
const keys = document.getElementById("keys");
const narrow = matchMedia("(max-width: 60rem)");

function fill(section) {
  if (section.filled) return;
  section.filled = true;
  for (const held of section.querySelectorAll("noscript")) {
    const made = document.createElement("template");
    made.innerHTML = held.textContent;
    held.after(made.content);
  }
}

function empty(section) {
  if (!section.filled || section.contains(document.activeElement)) return;
  section.filled = false;
  for (const held of section.querySelectorAll("noscript")) {
    while (held.nextSibling) held.nextSibling.remove();
  }
}

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) (entry.isIntersecting ? fill : empty)(entry.target);
  },
  { rootMargin: "100% 0px" },
);
for (const section of sections) near.observe(section);
addEventListener("beforeprint", () => {
  near.disconnect();
  sections.forEach(fill);
});
addEventListener("afterprint", () => {
  for (const section of sections) near.observe(section);
});

// --- lines ---

const opened = (section) => section.querySelector("details.line[open]");
const outlines = (section) => [...section.querySelectorAll(".outline")];

function show(outline) {
  const section = outline.closest("section");
  const details = section.querySelector(`details[data-line="${outline.dataset.line}"]`);
  details.open = true;
  if (narrow.matches) {
    showSheet(details, outline);
  } else {
    const panel = details.closest(".panel");
    const place = details.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    if (place < 0 || place + details.offsetHeight > panel.clientHeight) panel.scrollTop += place - 8;
  }
}

function showSheet(details, outline) {
  sheet.querySelector("h2").textContent = `Line ${details.dataset.line}`;
  const card = details.querySelector(".card").cloneNode(true);
  sheet.querySelector(".card").replaceWith(card);
  sheet.hidden = false;
  sheet.outline = outline;
  const hidden = outline.getBoundingClientRect().bottom - sheet.getBoundingClientRect().top;
  if (hidden > -8) scrollBy(0, hidden + 24);
}

function close() {
  const section = sections[here()];
  if (!sheet.hidden) {
    sheet.hidden = true;
    sheet.outline.focus({ preventScroll: true });
  }
  const details = section && opened(section);
  if (details) details.open = false;
  if (section) delete section.dataset.pinned;
}

function mark(details) {
  const section = details.closest("section");
  for (const outline of outlines(section)) {
    if (outline.dataset.line !== details.dataset.line) continue;
    outline.classList.toggle("current", details.open);
    if (details.open) outline.setAttribute("aria-current", "true");
    else outline.removeAttribute("aria-current");
  }
}

function stepLine(step) {
  const section = sections[Math.max(0, here())];
  if (!section) return;
  fill(section);
  const all = outlines(section);
  const details = opened(section);
  const now = all.findIndex((outline) => details && outline.dataset.line === details.dataset.line);
  const next = all[now < 0 && step < 0 ? all.length - 1 : now + step];
  if (next) visit(next);
}

function visit(outline) {
  outline.focus({ preventScroll: true });
  const box = outline.getBoundingClientRect();
  if (box.top < 0 || box.bottom > innerHeight) outline.scrollIntoView({ block: "center" });
  pin(outline);
}

function pin(outline) {
  outline.closest("section").dataset.pinned = "";
  show(outline);
}

// --- pages ---

function here() {
  const chosen = sheet.hidden ? document.activeElement : sheet.outline;
  const focused = sections.indexOf(chosen.closest("section.page"));
  if (focused >= 0) {
    const box = sections[focused].getBoundingClientRect();
    if (box.top < innerHeight && box.bottom > 0) return focused;
  }
  return sections.findLastIndex((section) => section.getBoundingClientRect().top < innerHeight / 3);
}

function stepPage(step) {
  const section = sections[here() + step];
  if (!section) return;
  if (!sheet.hidden) close();
  fill(section);
  section.scrollIntoView();
  section.querySelector("h2").focus({ preventScroll: true });
}

function followLink() {
  const [, page, line] = location.hash.match(/^#(page-.+)-line-(\d+)$/) ?? [];
  const section = document.getElementById(page)?.closest("section");
  if (!section) return;
  fill(section);
  const outline = outlines(section).find((each) => each.dataset.line === line);
  if (outline) visit(outline);
}

// --- events ---

const actions = {
  j: () => stepPage(1),
  ArrowRight: () => stepPage(1),
  k: () => stepPage(-1),
  ArrowLeft: () => stepPage(-1),
  n: () => stepLine(1),
  p: () => stepLine(-1),
  Escape: close,
  "?": () => keys.showModal(),
};
const onLine = { ArrowDown: actions.n, ArrowUp: actions.p };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  if (event.key.startsWith("Arrow") && event.target.closest(".scroll")) return;
  const action = actions[event.key] ?? (event.target.closest(".outline") && onLine[event.key]);
  if (!action) return;
  event.preventDefault();
  action();
});
document.addEventListener("click", (event) => {
  const outline = event.target.closest(".outline");
  if (outline) {
    event.preventDefault();
    pin(outline);
  }
  const button = event.target.closest("button[data-key]");
  if (button) actions[button.dataset.key]();
});
document.addEventListener("pointerover", (event) => {
  const outline = event.target.closest(".outline");
  if (!outline || event.pointerType !== "mouse" || narrow.matches) return;
  if (!("pinned" in outline.closest("section").dataset)) show(outline);
});
document.addEventListener("focusin", (event) => {
  const outline = event.target.closest(".outline");
  if (outline && outline.matches(":focus-visible")) pin(outline);
});
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.line")) mark(event.target);
  },
  true,
);
document.getElementById("show-keys").addEventListener("click", actions["?"]);
addEventListener("hashchange", followLink);
document.documentElement.classList.add("script");
followLink();
