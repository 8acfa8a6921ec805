// What pages gain with script: live values, drawers in place, quiet forms, toasts, keys. Without it every page works.
"use strict";

const RELOAD_MS = 2000; // Live parts are loaded again at most once in this time.
const LET_GO_MS = 10000; // A tab in the background gives its connection back after this time.
const RETRY_MS = 15000;
const AGAIN_MS = 3000; // A second click on a button within this time is the same one.
const MOST_TOASTS = 4;
const [MINUTE, HOUR, DAY] = [60, 3600, 86400];

const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];
const url = (path) => document.body.dataset.home.replace(/\/$/, "") + path;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function makeIcon(name) {
  const sprite = find("use").getAttribute("href").split("#")[0];
  const [svg, use] = ["svg", "use"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

// ---- pages: loaded, and their parts swapped

// Return a page of ours; throw an Error that says in words what happened.
async function loadPage(address) {
  const response = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => {
    throw new Error("ListSync does not answer. Nothing was changed; try again in a moment.");
  });
  const asked = new URL(address, location.href);
  // The log-in is over: the whole page leads to the log-in and back, unless what was typed would be lost.
  const isOver = response.redirected && new URL(response.url).pathname !== asked.pathname;
  if (isOver && isHeld(document.body)) throw new Error("Your log-in is over. Copy what you typed, then load the page again.");
  if (isOver) location.assign(asked);
  if (!response.ok) throw new Error(`ListSync answered ${response.status}. Load the page again.`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary";

// A box without a value has one all the same, and a list that marks no option has chosen its first one.
function isOther(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
}

const isHeld = (part) => {
  const selection = getSelection();
  const isSelected = !selection.isCollapsed && part.contains(selection.anchorNode);
  const fields = findAll("input:not([data-all]), textarea, select", part).filter((field) => !field.closest(".pick"));
  const isUsed = part.contains(document.activeElement) && document.activeElement.matches(`${TYPING}, tr`);
  return isSelected || isUsed || fields.some(isOther) || find(":popover-open, dialog[open]", part);
};

const BOXES = ".pick input[type=checkbox][value]";
// The same number is another line in another plan.
const nameOf = (box) => `${box.form?.getAttribute("action")} ${box.value}`;

function swap(part, fresh) {
  if (part.isEqualNode(fresh)) return;
  const open = findAll("details[open][id]", part).map((one) => one.id);
  const changed = findAll(BOXES, part).filter((one) => one.checked !== one.defaultChecked);
  const ticks = new Map(changed.map((one) => [nameOf(one), one.checked]));
  const focused = findAll(FOCUSABLE, part).indexOf(document.activeElement);
  part.replaceWith(fresh);
  const places = findAll(FOCUSABLE, fresh);
  if (focused >= 0) (places[focused] ?? places.at(-1))?.focus({ preventScroll: true });
  for (const id of open) find(`#${CSS.escape(id)}`, fresh)?.setAttribute("open", "");
  for (const box of findAll(BOXES, fresh)) box.checked = ticks.get(nameOf(box)) ?? box.checked;
  prepare(fresh);
}

let [reloading, loadedAt] = [null, Date.now()];

function reloadSoon() {
  if (document.body.dataset.events) reloading ??= setTimeout(reloadParts, Math.max(0, RELOAD_MS - (Date.now() - loadedAt)));
}

async function reloadParts() {
  loadedAt = Date.now();
  try {
    const page = await loadPage(location.href);
    for (const part of findAll("[data-live][id]")) {
      const fresh = page.getElementById(part.id);
      if (fresh && !isHeld(part)) swap(part, fresh);
    }
    document.title = page.title;
  } catch {
    setLost(true);
  } finally {
    reloading = null;
    poll();
  }
}

// Some parts wait for what no event tells of.
const poll = () => find("[data-live][data-poll]") && !document.hidden && reloadSoon();

// ---- events: one stream per tab that is in sight

let [stream, letGo] = [null, null];

const setLost = (isLost) => find("#offline")?.toggleAttribute("hidden", !isLost);

function follow() {
  clearTimeout(letGo);
  if (stream || !("EventSource" in window) || !document.body.dataset.events) return;
  stream = new EventSource(document.body.dataset.events);
  stream.onopen = () => {
    if (find("#offline")?.hidden === false) reloadSoon();
    setLost(false);
  };
  stream.onerror = () => {
    setLost(true);
    if (stream?.readyState !== EventSource.CLOSED) return;
    stream = null;
    setTimeout(() => document.hidden || follow(), RETRY_MS);
  };
  stream.addEventListener("stage", (event) => moveStage(JSON.parse(event.data)));
  for (const topic of ["run", "attention", "item", "resync"]) stream.addEventListener(topic, reloadSoon);
}

const leave = () => void (stream = stream?.close());

function moveStage({ run_id: run, stage, done, total }) {
  const place = find(`#run [data-run="${run}"]`);
  const item = place && find(`[data-stage="${stage}"]`, place);
  // Another stage has other icons: the server draws them.
  if (!item?.classList.contains("now")) return void reloadSoon();
  const { unit } = item.dataset;
  const words = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}${total === 1 ? "" : "s"}`;
  find("span:last-child", item).textContent = words;
  const bar = find("progress", place);
  [bar.value, bar.max] = [done, total || 1];
  bar.setAttribute("aria-label", words);
}

// ---- toasts, and forms that are sent without leaving the page

function showToast({ text, tone = "ok", undo = null }) {
  const icon = { ok: "complete", wait: "waiting", bad: "failed" }[tone] ?? "info";
  const toast = make("div", { class: "toast", "data-tone": tone }, makeIcon(icon), make("p", {}, text));
  if (undo) {
    const fields = Object.entries({ ...undo.fields, csrf: find("input[name=csrf]")?.value ?? "" });
    const inputs = fields.map(([name, value]) => make("input", { type: "hidden", name, value }));
    const button = make("button", { class: "button ghost", "data-undo": "" }, "Undo");
    toast.append(make("form", { action: url(undo.path), method: "post", "data-quiet": "" }, ...inputs, button));
  }
  const about = { class: "button ghost square", "aria-label": "Close this message", "data-close": "" };
  toast.append(make("button", about, makeIcon("close")));
  const place = find("#toasts");
  place?.append(toast);
  findAll(".toast:not(#offline)", place).slice(0, -MOST_TOASTS).forEach((one) => one.remove());
}

// The focus stays on the page when a message that has it goes.
function closeToast(toast) {
  if (toast?.contains(document.activeElement)) find(".drawer.open, #main").focus({ preventScroll: true });
  toast?.remove();
}

async function send(form, submitter) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
    const response = await fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
    const odd = `ListSync answered ${response.status} in another form. Load the page again.`;
    const answer = await response.json().catch(() => ({ text: odd, detail: odd, tone: "bad" }));
    if (!response.ok) return void showToast({ text: answer.detail, tone: "bad" });
    if (form.dataset.quiet === "go") return void location.assign(answer.to);
    closeToast(form.closest(".toast"));
    showToast(answer);
    if (find(".drawer.open")) await openDrawer(location.href);
    reloadSoon();
  } catch {
    showToast({ text: "Not sent: ListSync does not answer. Try again in a moment.", tone: "bad" });
  } finally {
    form.ariaBusy = "false";
  }
}

async function confirmFirst(form, submitter) {
  const dialog = document.getElementById(form.dataset.confirm);
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  submitter?.focus();
  if (dialog.returnValue !== "yes") return;
  form.dataset.confirmed = "";
  form.requestSubmit(submitter);
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const isConfirmed = "confirmed" in form.dataset;
  delete form.dataset.confirmed;
  if (form.dataset.confirm && !isConfirmed) {
    event.preventDefault();
    void confirmFirst(form, submitter);
  } else if ("quiet" in form.dataset) {
    event.preventDefault();
    void send(form, submitter);
  } else if (form.method === "post") {
    // The browser would show the answer to the second click alone, and what the first one did would look refused.
    if (Date.now() - (form.dataset.sent ?? 0) < AGAIN_MS) event.preventDefault();
    else form.dataset.sent = Date.now();
  }
});

// ---- drawers: opened in place; the address follows, so a reload shows the same

let opener = null;

async function openDrawer(address) {
  try {
    const drawer = find(".drawer", await loadPage(address));
    if (!drawer) return void location.assign(address);
    const before = find(".drawer");
    if (before) before.replaceWith(drawer);
    else document.body.append(drawer);
    history.replaceState(null, "", address);
    prepare(drawer);
    enterDrawer(drawer);
  } catch (error) {
    showToast({ text: error.message, tone: "bad" });
  }
}

function enterDrawer(drawer) {
  setBehind(true);
  (find("[aria-invalid]", drawer) ?? drawer).focus({ preventScroll: true });
}

function setBehind(isBehind) {
  for (const part of findAll(".top, .nav, main")) if (!find(".drawer", part)) part.inert = isBehind;
}

function closeDrawer() {
  const drawer = find(".drawer.open");
  if (!drawer) return false;
  history.replaceState(null, "", find("[data-back]", drawer)?.href ?? location.pathname);
  drawer.remove();
  setBehind(false);
  const back = opener && (opener.isConnected ? opener : find(`a[href="${CSS.escape(opener.getAttribute("href"))}"]`));
  (back ?? find("#main"))?.focus();
  opener = null;
  return true;
}

// ---- clicks

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a, button");
  const drawer = find(".drawer.open");
  // What is behind an open drawer is inert, so that a click there is one on the page as a whole.
  if (event.target === document.body) closeDrawer();
  if (!link || !isPlain(event)) return;
  const { dataset } = link;
  if ("drawer" in dataset) {
    opener = find(".drawer.open")?.contains(link) ? opener : link;
    void openDrawer(link.href);
  } else if ("back" in dataset && drawer?.contains(link)) closeDrawer();
  else if ("close" in dataset) closeToast(link.closest(".toast"));
  else if (dataset.copy) void copy(document.getElementById(dataset.copy));
  else return;
  event.preventDefault();
});

async function copy(source) {
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    showToast({ text: "Copied." });
  } catch {
    // Without https there is no clipboard for scripts: the text is selected, and the person copies it.
    getSelection().selectAllChildren(source);
    showToast({ text: "Selected: copy it with Ctrl+C.", tone: "info" });
  }
}

// ---- rows that are ticked

document.addEventListener("change", ({ target }) => {
  if ("all" in target.dataset)
    for (const box of findAll(".pick input:not([data-all])", target.closest("table"))) box.checked = target.checked;
  if ("keys" in target.dataset) localStorage.setItem("listsync-keys", target.checked ? "on" : "off");
  const form = target.form ?? target.closest("form");
  if (form && target.closest(".pick")) countTicks(form);
  if (form && "auto" in form.dataset) form.requestSubmit();
});

function countTicks(form) {
  const ticked = [...form.elements].filter((one) => one.checked && one.closest(".pick") && !("all" in one.dataset));
  // Rows may be ticked on other pages of the same form.
  const number = ticked.length + Number(find("[data-elsewhere]", form)?.dataset.elsewhere ?? 0);
  const words = number.toLocaleString("en");
  for (const place of findAll("[data-ticked]", form)) place.textContent = words;
  for (const place of findAll("[data-apply]", form))
    place.textContent = place.textContent.replace(/[\d,]+ (\w+?)s?$/, `${words} $1${number === 1 ? "" : "s"}`);
  for (const bar of findAll("[data-when-ticked]", form)) bar.hidden = number === 0;
}

// ---- keys

const PLACES = { o: "/", l: "/lists", i: "/items", r: "/review", p: "/plan", h: "/runs", s: "/settings" };
let isGoing = false;

function moveRow(step) {
  const rows = findAll("main tbody tr").filter((row) => row.offsetParent);
  const now = rows.indexOf(document.activeElement?.closest("tr"));
  const row = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
  row?.setAttribute("tabindex", "-1");
  row?.focus();
}

const rowNow = () => document.activeElement?.closest("tr") ?? document.createElement("tr");

const KEYS = {
  "?": () => location.assign(url("/keys")),
  "/": () => (find("[data-seek]") ? find("[data-seek]").focus() : location.assign(url("/items"))),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => find("input[type=checkbox]", rowNow())?.click(),
  w: () => (find("[data-drawer]", rowNow()) ?? find("a[href]", rowNow()))?.click(),
  u: () => findAll("[data-undo]").at(-1)?.click(),
};

// Do what a key means here; return whether it means anything.
function press(key) {
  // Who may only look has no link to the settings.
  const goes = isGoing && find(`.nav a[href="${CSS.escape(url(PLACES[key]))}"]`);
  isGoing = key === "g";
  if (goes) location.assign(goes.href);
  const marked = find(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  if (marked && !goes) marked.click();
  else if (!goes) KEYS[key]?.();
  return Boolean(goes || marked || KEYS[key]);
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches?.(TYPING);
  if (event.key === "Escape" && !find("dialog[open], :popover-open") && closeDrawer()) event.preventDefault();
  if (isTyping || event.metaKey || event.ctrlKey || event.altKey || find("dialog[open]")) return;
  if (!document.body.dataset.home || localStorage.getItem("listsync-keys") === "off") return;
  if (press(event.key)) event.preventDefault();
});

// ---- times, and what is shown only with script

function sayLength(seconds) {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  return seconds < 2 * DAY ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / DAY)} days`;
}

function refreshTimes() {
  for (const time of findAll("time[data-ago]")) {
    const seconds = Math.trunc((Date.parse(time.dateTime) - Date.now()) / 1000);
    time.textContent = seconds > 0 ? `in ${sayLength(seconds)}` : `${sayLength(-seconds)} ago`;
  }
}

function prepare(root) {
  for (const { offsetLeft, offsetWidth, parentElement: tabs } of findAll(".tabs > [aria-current]", root))
    tabs.scrollLeft = offsetLeft - tabs.offsetLeft - (tabs.clientWidth - offsetWidth) / 2;
  for (const one of findAll("[data-script], [data-copy]", root)) one.hidden = false;
  for (const one of findAll("[data-noscript]", root)) one.hidden = true;
  for (const box of findAll("[data-keys]", root)) box.checked = localStorage.getItem("listsync-keys") !== "off";
  for (const place of findAll("[data-tick-all]:empty", root))
    place.append(make("input", { type: "checkbox", class: "check", "data-all": "", "aria-label": "Tick all" }));
  for (const form of findAll("form", root)) if (find("[data-ticked], [data-apply], [data-when-ticked]", form)) countTicks(form);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return void (letGo = setTimeout(leave, LET_GO_MS));
  if (!stream) reloadSoon();
  follow();
});

prepare(document);
follow();
setInterval(refreshTimes, MINUTE * 1000);
poll();
if (find(".drawer.open")) enterDrawer(find(".drawer.open"));
else if (document.activeElement === document.body) find("main:has(~ .toasts .toast:not(#offline))")?.focus({ preventScroll: true });
