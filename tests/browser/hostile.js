// Every page of a site whose texts would do harm, in Chromium, as TAP:
//
//   node hostile.js SITE
//
// From disk, 390 pixels wide, once as it is and once without the pages' own
// Content-Security-Policy, which would hide what is wrong with a page.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const site = path.resolve(process.argv[2]);
let count = 0, failed = 0;
function none(list, what) {
  console.log((list.length ? "not ok " : "ok ") + ++count + " - " + what);
  if (list.length) failed++;
  for (const line of list.slice(0, 20)) console.log("#   " + String(line).slice(0, 600));
}

function allPages(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return allPages(at);
    return entry.name.endsWith(".html") ? [at] : [];
  }).sort();
}

// What is in a page that no page of ours has. It runs in the page.
function foreign() {
  const found = [], add = (x) => found.push(x.slice(0, 300));
  if ("HIT" in window) add("a script ran");
  const own = /\/(assets\/(site|search|theme)-[0-9a-f]+|as-of|search-index|[a-z-]*index)\.js$/;
  for (const e of document.querySelectorAll("*")) {
    if (/^(hit-me|iframe|object|embed|form|base|frame|style|textarea|math|foreignobject)$/i.test(e.localName))
      add("element " + e.outerHTML);
    if (e.localName === "img" && !/as-of\.svg|\.svg$/.test(e.src)) add("image " + e.outerHTML);
    if (e.localName === "script" && !own.test(e.src)) add("script " + e.outerHTML);
    for (const a of e.attributes) {
      if (/^(on|data-hit|style$|srcdoc|formaction|xmlns:|xlink)/.test(a.name)) add("attribute " + a.name + " of " + e.outerHTML);
      if (/^(href|src|action|cite|poster|data|ping)$/.test(a.name)) {
        const url = new URL(a.value, location.href);
        if (!/^(https?|mailto|file):$/.test(url.protocol)) add("link " + a.value);
        if (url.protocol === "file:" && /^\s*[a-z]+:/i.test(a.value)) add("file " + a.value);
        if (url.username || url.password) add("credentials " + a.value);
      }
    }
  }
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_TEXT | NodeFilter.SHOW_CDATA_SECTION);
  while (walk.nextNode()) {
    const n = walk.currentNode;
    if (n.nodeType !== Node.TEXT_NODE) add("comment " + n.data);
    const odd = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.exec(n.data);
    if (odd) add("U+" + odd[0].charCodeAt(0).toString(16) + " in " + n.data);
  }
  for (const name of ["id", "name"])
    if (document.querySelectorAll(`[${name}=main]`).length > 1) add("two of the " + name + " main");
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) {
    const widest = [...document.querySelectorAll("main *, header *, footer *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll"))
      .map((e) => e.localName + "." + e.getAttribute("class"));
    add("it scrolls sideways by " + over + ": " + widest.slice(0, 5).join(" "));
  }
  return found;
}

function watch(page, faults) {
  page.on("console", (m) => faults.push(page.url() + ": console: " + m.text()));
  page.on("pageerror", (e) => faults.push(page.url() + ": " + e));
  page.on("dialog", (d) => { faults.push(page.url() + ": a dialog"); d.dismiss(); });
  page.on("popup", () => faults.push(page.url() + ": a window"));
  page.on("request", (r) => {
    if (!/^data:image/.test(r.url()) && !r.url().startsWith("file://" + site)) faults.push("request: " + r.url());
  });
}

async function every(browser, pages, bypassCSP) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, bypassCSP });
  const page = await context.newPage(), faults = [], found = [];
  let shown = 0;
  watch(page, faults);
  for (const name of pages) {
    await page.goto("file://" + name);
    for (const x of await page.evaluate(foreign)) found.push(path.relative(site, name) + ": " + x);
    if (await page.evaluate(() => document.body.textContent.includes("<hit-me>"))) shown++;
  }
  const how = bypassCSP ? "without its policy" : "as they are";
  none(found, `${pages.length} pages ${how}: nothing in them but text`);
  none(faults, `${how}: no message, dialog or request`);
  none(shown > pages.length / 20 ? [] : [shown + " do"], "and they show what was written");
  await context.close();
}

// What the script puts into the page: the results of a search.
async function search(browser) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, bypassCSP: true });
  const page = await context.newPage(), faults = [], found = [];
  watch(page, faults);
  await page.goto("file://" + path.join(site, "find/index.html"));
  for (const what of ["constructor", "__proto__", "toString", "x", "<hit-me>", "\"><img src=x onerror=HIT=1>", "{{title}}", "1.0.0"]) {
    await page.fill("input[type=search] >> nth=0", what);
    await page.waitForTimeout(60);
    for (const x of await page.evaluate(foreign)) found.push(what + ": " + x);
  }
  none(found.concat(faults), "what a search finds is text as well");
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"] });
  // The page of what is not there is asked for at any depth: its links are whole.
  const pages = allPages(site).filter((name) => path.basename(name) !== "404.html");
  await every(browser, pages, false);
  await every(browser, pages, true);
  await search(browser);
  await browser.close();
  console.log("1.." + count);
  process.exitCode = failed ? 1 : 0;
})().catch((error) => {
  console.log("Bail out! " + error.stack);
  process.exitCode = 2;
});
