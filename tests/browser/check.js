// The pages of a rendered site in Chromium, as TAP:
//
//   node check.js SITE SHOTS      ONLY=REGEXP in the environment: these pages
//
// One page of each kind in both colour schemes, wide and narrow: axe-core finds
// nothing, nothing scrolls sideways, no console message, no request but within
// the site, served under a sub-path with a strict Content-Security-Policy. Then
// without script, from disk, in print, by keyboard, and what the script adds.
"use strict";
const fs = require("fs");
const http = require("http");
const path = require("path");
const { chromium } = require("playwright-core");

const [site, shots] = process.argv.slice(2).map((x) => path.resolve(x));
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PREFIX = "/a/b/";
const NOW = "2026-03-05T14:21:00Z"; // when the site was current
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'";
const KINDS = ["index.html", "404.html"].concat([
  "services", "services/checkout", "services/search", "services/payouts",
  "services/checkout/prod", "environments/prod", "deployments",
  "deployments/2026-03", "deployments/15", "deployments/11", "deployments/9",
  "deployments/14", "deployments/17", "groups", "groups/money", "policy",
  "policy/recipes/standard", "codes", "codes/WINDOW_CLOSED", "find", "glossary",
  "insights", "insights/7d", "insights/13w", "insights/12m", "insights/2026-w10",
  "insights/30d/storefront", "services/checkout/staging", "audit", "audit/2026-03", "runs", "runs/16",
  "decisions", "guide", "guide/hooks",
].map((x) => x + "/index.html"));

/* --- TAP ---------------------------------------------------------------- */

let count = 0, failed = 0;
function ok(good, what, why) {
  console.log((good ? "ok " : "not ok ") + ++count + " - " + what);
  if (good) return;
  failed++;
  for (const line of [].concat(why || [])) console.log("#   " + String(line).slice(0, 400));
}
function none(list, what) { ok(list.length === 0, what, list.slice(0, 12)); }

/* --- the site, under a sub-path ------------------------------------------ */

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript",
  ".svg": "image/svg+xml", ".json": "application/json", ".atom": "application/atom+xml" };

function serve() {
  const server = http.createServer((request, answer) => {
    const name = decodeURIComponent(request.url.split("?")[0]);
    const file = path.join(site, name.slice(PREFIX.length));
    if (!name.startsWith(PREFIX) || !file.startsWith(site) || !fs.existsSync(file) ||
        fs.statSync(file).isDirectory()) {
      answer.writeHead(404).end();
      return;
    }
    answer.writeHead(200, { "Content-Type": TYPES[path.extname(file)] || "text/plain",
      "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff" });
    answer.end(fs.readFileSync(file));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

function allPages(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return allPages(at);
    return entry.name.endsWith(".html") ? [path.relative(site, at)] : [];
  }).sort();
}

/* --- one page ------------------------------------------------------------- */

// The reader's clock: while the data is current, unless a test is about that.
async function readerAt(browser, options, when) {
  const context = await browser.newContext(options);
  await context.clock.setFixedTime(new Date(when || NOW));
  return context;
}

// What goes wrong while a page is open.
function watch(page, base, faults) {
  page.on("console", (m) => faults.push(page.url() + ": console: " + m.text()));
  page.on("pageerror", (e) => faults.push(page.url() + ": " + e));
  page.on("dialog", (d) => { faults.push(page.url() + ": a dialog: " + d.message()); d.dismiss(); });
  page.on("request", (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith("data:")) faults.push("request: " + r.url());
  });
  page.on("requestfailed", (r) => {
    const why = r.failure().errorText; // aborted: the next page was asked for already
    if (why !== "net::ERR_ABORTED") faults.push("failed: " + r.url() + ": " + why);
  });
  page.on("response", (r) => { if (r.status() >= 400) faults.push(r.status() + " " + r.url()); });
}

const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

async function axeFaults(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    rules: { "target-size": { enabled: true } }, resultTypes: ["violations"],
  }));
  return found.violations.flatMap((v) => v.nodes.slice(0, 3).map((n) =>
    v.id + ": " + n.target + ": " + (n.any.concat(n.all, n.none)[0] || {}).message + " " + n.html.slice(0, 120)));
}

/* --- the tests ------------------------------------------------------------ */

async function eachKind(browser, base, kinds) {
  for (const scheme of ["light", "dark"])
    for (const width of [1280, 390]) {
      const context = await readerAt(browser, { viewport: { width, height: width < 500 ? 844 : 800 }, colorScheme: scheme });
      const faults = [], bad = [], wide = [];
      for (const kind of kinds) {
        const page = await context.newPage();
        watch(page, base, faults);
        await page.goto(base + kind);
        if (await page.evaluate(overflow) > 0) wide.push(kind);
        for (const fault of await axeFaults(page)) bad.push(kind + ": " + fault);
        const name = kind.replace(/\/?index\.html$/, "").replace(/[^a-z0-9]+/gi, "-") || "index";
        await page.screenshot({ path: path.join(shots, `${name}-${width}-${scheme}.png`), fullPage: true });
        await page.close();
      }
      none(bad, `axe finds nothing, ${width} ${scheme}`);
      none(wide, `nothing scrolls sideways, ${width} ${scheme}`);
      none(faults, `no message, error or request outside, ${width} ${scheme}`);
      await context.close();
    }
}

async function narrow(browser, base, pages) {
  const context = await readerAt(browser, { viewport: { width: 320, height: 700 }, javaScriptEnabled: false });
  const page = await context.newPage(), wide = [], faults = [];
  watch(page, base, faults);
  for (const name of pages) {
    await page.goto(base + name);
    if (await page.evaluate(overflow) > 0) wide.push(name);
  }
  none(wide, `all ${pages.length} pages fit 320 pixels, without script`);
  none(faults, "and load nothing from elsewhere");
  await context.close();
}

// What the script adds is controls: the text of the page is the same without.
async function withoutScript(browser, base, kinds) {
  const read = async (on) => {
    const context = await readerAt(browser, { javaScriptEnabled: on });
    const page = await context.newPage(), texts = {};
    for (const kind of kinds) {
      await page.goto(base + kind);
      texts[kind] = await page.evaluate(() => {
        const main = document.querySelector("main").cloneNode(true);
        main.querySelectorAll(".btn,.filter,.sort::after,[role=status],#freshness .notice").forEach((x) => x.remove());
        return main.textContent.replace(/\s+/g, " ").trim();
      });
    }
    await context.close();
    return texts;
  };
  const without = await read(false), withit = await read(true);
  none(kinds.filter((k) => !without[k] || without[k] !== withit[k]), "without script every text is there");
}

async function fromDisk(browser, kinds) {
  const context = await readerAt(browser), faults = [], bare = [];
  const page = await context.newPage();
  watch(page, "file://", faults);
  for (const kind of kinds.filter((k) => k !== "404.html")) {
    await page.goto("file://" + path.join(site, kind));
    const styled = await page.evaluate(() => getComputedStyle(document.body).fontSize === "15px" &&
      !!document.querySelector("#foot-tools button"));
    if (!styled) bare.push(kind);
  }
  none(faults, "from disk: no message, no other request");
  none(bare, "from disk: style and script work");
  await page.goto("file://" + path.join(site, "services/checkout/index.html"));
  await page.click("nav a:has-text('Guardrails')");
  ok(page.url().endsWith("groups/index.html"), "from disk: a link leads to a page", page.url());
  await context.close();
}

async function inPrint(browser, base) {
  const context = await readerAt(browser, { colorScheme: "dark" });
  const page = await context.newPage();
  for (const kind of ["deployments/15/index.html", "services/checkout/index.html", "policy/index.html"]) {
    await page.goto(base + kind);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const seen = await page.evaluate(() => ({
      nav: getComputedStyle(document.querySelector(".nav")).display,
      paper: getComputedStyle(document.body).backgroundColor,
      ink: getComputedStyle(document.querySelector("h1")).color }));
    ok(seen.nav === "none" && seen.paper === "rgb(255, 255, 255)" && seen.ink === "rgb(0, 0, 0)",
      `in print ${kind} is black on white, without navigation`, JSON.stringify(seen));
    const pdf = await page.pdf({ format: "A4" });
    const sheets = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) || []).length;
    ok(sheets >= 1 && sheets <= 8, `and takes few sheets (${sheets})`);
  }
  await context.close();
}

async function byKeyboard(browser, base) {
  const context = await readerAt(browser, { viewport: { width: 1280, height: 800 } });
  const page = await context.newPage(), bare = [];
  await page.goto(base + "services/checkout/index.html");
  const links = await page.evaluate(() =>
    [...document.querySelectorAll("a[href],button,input,summary,[tabindex='0']")]
      .filter((x) => x.getClientRects().length && getComputedStyle(x).visibility !== "hidden").length);
  let first, stops = 0;
  for (let i = 0; i < links + 5; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const x = document.activeElement, style = getComputedStyle(x), box = x.getBoundingClientRect();
      return { tag: x.tagName, text: x.textContent.slice(0, 40), href: x.getAttribute("href"),
        outline: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none",
        seen: box.bottom > 0 && box.top < innerHeight };
    });
    if (at.tag === "BODY") break;
    first = first || at;
    stops++;
    if (!at.outline || !at.seen) bare.push(JSON.stringify(at));
  }
  ok(first && first.href === "#main", "the first stop skips to the content", JSON.stringify(first));
  ok(stops >= links, `the keyboard reaches all (${stops} of ${links})`);
  none(bare, "every stop shows where one is");
  await context.close();
}

async function whatScriptAdds(browser, base) {
  const context = await readerAt(browser, { viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await page.goto(base + "services/payouts/index.html");
  await page.goto(base + "codes/WINDOW_CLOSED/index.html");
  await page.click(".cmd button");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  ok(copied === "dxcp explain WINDOW_CLOSED", "a command is copied without its prompt", copied);
  await page.goto(base + "audit/2026-03/index.html");
  await page.fill("input[type=search] >> nth=-1", "Denied");
  const left = await page.evaluate(() => [...document.querySelectorAll("tbody tr")].filter((r) => !r.hidden).map((r) => r.textContent));
  ok(left.length > 0 && left.every((t) => /denied/i.test(t)), "a table is filtered", left);
  await page.goto(base + "runs/index.html");
  await page.click("th button >> nth=0");
  const runs = await page.evaluate(() => [...document.querySelectorAll("tbody th")].map((x) => Number(x.textContent)));
  ok(runs.length > 3 && runs.every((n, i) => !i || runs[i - 1] <= n), "a table is sorted by number", runs);
  ok(await page.evaluate(() => document.querySelector("th[aria-sort]").getAttribute("aria-sort")) === "ascending",
    "and says so");
  ok(!await page.evaluate(() => document.querySelector(".notice.warn[role=status]")), "current data is not said to be old");
  await context.close();
}

// What the script adds has its room: a page that is current does not move.
async function still(browser, base, kinds) {
  for (const width of [1280, 390]) {
    const context = await readerAt(browser, { viewport: { width, height: width < 500 ? 844 : 800 } });
    const moved = [];
    await context.addInitScript(() => {
      window.moved = 0;
      new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; })
        .observe({ type: "layout-shift", buffered: true });
    });
    for (const kind of kinds) {
      const page = await context.newPage();
      await page.goto(base + kind, { waitUntil: "networkidle" });
      const much = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(window.moved), 50))));
      if (much > 0.01) moved.push(kind + ": " + much.toFixed(4));
      await page.close();
    }
    none(moved, `nothing moves while a page loads, ${width}`);
    await context.close();
  }
}

// A page that was opened long after the last run, or an answer that has ended.
async function laterOn(browser, base) {
  const read = async (kind, when, stamp) => {
    const context = await readerAt(browser, { viewport: { width: 1280, height: 800 } }, when);
    const page = await context.newPage();
    if (stamp) await page.route("**/as-of.js", (r) => r.fulfill({ contentType: "text/javascript", body: "window.DXCP_AS_OF = " + JSON.stringify(stamp) }));
    await page.goto(base + kind, { waitUntil: "networkidle" });
    const seen = await page.evaluate(() => ({
      old: !!document.querySelector("#freshness .notice"),
      answer: (document.querySelector("[data-answer]") || {}).textContent }));
    await page.screenshot({ path: path.join(shots, "later-" + when.slice(0, 10) + "-" + kind.replace(/[^a-z0-9]+/gi, "-") + ".png") });
    await context.close();
    return seen;
  };
  const service = "services/checkout/index.html";
  let seen = await read(service, NOW);
  ok(!seen.old && seen.answer.startsWith("Yes, until"), "an answer stands while it holds", JSON.stringify(seen));
  seen = await read(service, "2026-03-07T13:00:00Z");
  ok(seen.old && seen.answer === "Not known: the data is from 47 h ago", "not where the data is a day old", JSON.stringify(seen));
  seen = await read(service, "2026-03-10T00:01:00Z", { asOf: "2026-03-10T00:00:00Z", goodUntil: "2026-03-10T01:00:00Z" });
  ok(!seen.old && seen.answer === "Not known: the answer held until 2026-03-10 00:00 UTC", "not past its own end, in a page that nobody made anew", JSON.stringify(seen));
  seen = await read("index.html", "2026-03-09T13:00:00Z");
  ok(seen.old, "the overview says it as well", JSON.stringify(seen));
  seen = await read("groups/money/index.html", "2026-03-09T13:00:00Z");
  ok(seen.old && seen.answer.startsWith("Not known"), "and a group's page", JSON.stringify(seen));
}

// Texts that would do harm: they are shown, and nothing of them runs.
async function hostile(browser, base) {
  const context = await readerAt(browser), faults = [];
  const page = await context.newPage();
  watch(page, base, faults);
  for (const kind of ["services/search/index.html", "deployments/14/index.html", "deployments/index.html"]) {
    await page.goto(base + kind);
    const seen = await page.evaluate(() => ({ text: document.body.textContent,
      foreign: document.querySelectorAll("main script, main b:not([class]) i, a[href^='javascript']").length }));
    ok(seen.text.includes("<script>alert(1)</script>") && !seen.foreign && seen.text.includes("[U+202E]"),
      `${kind} shows what was written`, seen.text.slice(0, 200));
  }
  none(faults, "and nothing of it runs");
  await context.close();
}

(async () => {
  const server = await serve();
  const base = `http://127.0.0.1:${server.address().port}${PREFIX}`;
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"] });
  const pages = allPages(site);
  const decisions = pages.filter((p) => /^decisions\/\d+\//.test(p));
  const wanted = new RegExp(process.env.ONLY || ".");
  const kinds = KINDS.concat(decisions.slice(0, 2), decisions.slice(-2)).filter((k) => pages.includes(k) && wanted.test(k));
  ok(kinds.length > 28 || process.env.ONLY, `there is a page of each kind (${kinds.length})`,
    KINDS.filter((k) => !pages.includes(k)));
  await eachKind(browser, base, kinds);
  await narrow(browser, base, pages);
  await withoutScript(browser, base, kinds);
  await fromDisk(browser, kinds);
  await inPrint(browser, base);
  await byKeyboard(browser, base);
  await whatScriptAdds(browser, base);
  await still(browser, base, kinds);
  await laterOn(browser, base);
  await hostile(browser, base);
  await browser.close();
  server.close();
  console.log("1.." + count);
  process.exitCode = failed ? 1 : 0;
})().catch((error) => {
  console.log("Bail out! " + error.stack);
  process.exitCode = 2;
});
