/* Enhancement only. Every page is complete without this file. Classic script: works on file://. */
(function () {
  "use strict";
  var d = document, root = d.documentElement;
  function el(tag, props, kids) {
    var n = Object.assign(d.createElement(tag), props || {});
    (kids || []).forEach(function (k) { n.append(k); });
    return n;
  }
  function say(node, text) { node.textContent = text; }
  function store(k, v) { try { if (v === undefined) return localStorage.getItem(k); localStorage.setItem(k, v); } catch (e) { return null; } }

  /* theme: automatic, light, dark */
  var theme = store("dxcp-theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  /* freshness: never trust a static page to know its age */
  var now = new Date();
  function ago(ms) {
    var m = Math.max(0, Math.round(ms / 6e4));
    return m < 60 ? m + " min ago" : m < 2880 ? Math.round(m / 60) + " h ago" : Math.round(m / 1440) + " days ago";
  }
  function judge(asof, until) {
    var answers = d.querySelectorAll("[data-answer]"), old = now - asof > 864e5;
    if (now > until) d.getElementById("freshness").append(el("div", { className: "notice warn", role: "status" }, [el("b", { className: "i", textContent: "!", ariaHidden: "true" }), el("p", { textContent: "This page may be out of date: its data is from " + ago(now - asof) + ", past its good-until time." })]));
    answers.forEach(function (x) {
      if (!old && !(now > new Date(x.dataset.answer))) return;
      x.textContent = old ? "Not known: the data is from " + ago(now - asof) : "Not known: the answer held until " + x.dataset.answer.slice(0, 16).replace("T", " ") + " UTC";
    });
  }
  function stamped(x) { judge(new Date(x.asOf), new Date(x.goodUntil)); }
  if (root.dataset.asof) stamped({ asOf: root.dataset.asof, goodUntil: root.dataset.goodUntil });
  else d.head.append(el("script", { src: (root.dataset.root || "") + "as-of.js", onload: function () { if (window.DXCP_AS_OF) stamped(window.DXCP_AS_OF); } }));
  d.querySelectorAll("time[datetime]").forEach(function (t) {
    var x = new Date(t.dateTime);
    if (isNaN(x)) return;
    t.title = ago(now - x) + ", " + x.toLocaleString();
    if (t.dateTime === root.dataset.asof && t.closest("#freshness")) t.after(el("span", { className: "ago", textContent: " (" + ago(now - x) + ")" }));
  });

  /* copy buttons */
  var live = el("p", { className: "vh" }); live.setAttribute("role", "status"); d.body.append(live);
  d.querySelectorAll("[data-copy]").forEach(function (box) {
    var pre = box.querySelector("pre"), b = el("button", { className: "btn", type: "button", textContent: "Copy" });
    b.setAttribute("aria-label", "Copy " + pre.getAttribute("aria-label").toLowerCase());
    b.onclick = function () {
      var text = pre.textContent.replace(/^\$ /, "");
      navigator.clipboard.writeText(text).then(function () { say(b, "Copied"); say(live, "Copied to the clipboard"); },
        function () { getSelection().selectAllChildren(pre); say(live, "Selected; press copy"); });
      setTimeout(function () { say(b, "Copy"); }, 2000);
    };
    box.append(b);
  });

  /* table sort */
  d.querySelectorAll("table[data-sort]").forEach(function (table) {
    var heads = [].slice.call(table.tHead.rows[0].cells), body = table.tBodies[0];
    heads.forEach(function (th, i) {
      var b = el("button", { type: "button", className: "sort", textContent: th.textContent });
      th.textContent = ""; th.append(b);
      b.onclick = function () {
        var up = th.getAttribute("aria-sort") !== "ascending";
        heads.forEach(function (h) { h.removeAttribute("aria-sort"); });
        th.setAttribute("aria-sort", up ? "ascending" : "descending");
        [].slice.call(body.rows).sort(function (a, c) {
          function key(r) { var x = r.cells[i], t = x.querySelector("time"); return t ? t.dateTime : x.textContent.trim(); }
          return key(a).localeCompare(key(c), "en", { numeric: true }) * (up ? 1 : -1);
        }).forEach(function (r) { body.append(r); });
        say(live, "Sorted by " + b.textContent + (up ? ", ascending" : ", descending"));
      };
    });
  });

  /* filter for tables and logs */
  d.querySelectorAll("[data-filter]").forEach(function (node, k) {
    var rows = [].slice.call(node.tBodies ? node.tBodies[0].rows : node.children), id = "flt" + k;
    var input = el("input", { type: "search", id: id, autocomplete: "off" }), out = el("span"); out.setAttribute("role", "status");
    input.oninput = function () {
      var q = input.value.trim().toLowerCase(), n = 0;
      rows.forEach(function (r) { var hit = r.textContent.toLowerCase().includes(q); r.hidden = !hit; n += hit; });
      say(out, q ? n + " of " + rows.length + " shown" : "");
    };
    var label = el("label", { textContent: node.dataset.filter }); label.htmlFor = id;
    var head = node.closest("section").querySelector(".sh");
    if (rows.length < 6) return;
    head.insertBefore(el("div", { className: "filter" }, [label, input, out]), head.querySelector(".more"));
  });

  /* search over the static index, loaded as a script when first wanted */
  var tools = d.getElementById("tools");
  if (tools) {
    var box = el("div", { className: "find" }), list = el("div", { className: "out", hidden: true });
    var q = el("input", { type: "search", placeholder: "Find", autocomplete: "off", spellcheck: false });
    q.setAttribute("aria-label", "Find a service, version, deployment, person or code");
    var base = root.dataset.root || "", asked = false;
    var load = function () { if (!asked) { asked = true; d.head.append(el("script", { src: base + "search-index.js", onload: find, onerror: find })); } };
    var find = function () {
      var words = q.value.trim().toLowerCase().split(/\s+/).filter(Boolean), index = window.DXCP_INDEX, hits = [], n = 0;
      list.textContent = ""; list.hidden = !words.length || !asked;
      if (!words.length || !index) return;
      if (words.length === 1 && /^[0-9]{1,15}$/.test(words[0]) && +words[0] > 0 && +words[0] <= index.last)
        hits.push(["Deployment " + +words[0], "by number", "deployments/" + +words[0] + "/index.html"]);
      [true, false].forEach(function (first) { /* what begins with it stands before what only has it */
        index.entries.forEach(function (r) {
          var t = r[0].toLowerCase();
          if (t.startsWith(words[0]) !== first || !words.every(function (w) { return t.includes(w); })) return;
          n++;
          if (hits.length < 10 && (!hits[0] || hits[0][2] !== r[2])) hits.push(r);
        });
      });
      list.append(el("ul", {}, hits.map(function (r) { return el("li", {}, [el("a", { href: base + r[2] }, [el("span", { textContent: r[0] }), el("span", { className: "muted", textContent: r[1] })])]); })));
      n = Math.max(n, hits.length);
      var told = n ? n + (n === 1 ? " result" : " results") + (n > hits.length ? ", " + hits.length + " shown" : "") : "Nothing found";
      list.append(el("p", { textContent: told })); say(live, told);
    };
    q.onfocus = load; q.oninput = find;
    box.append(q, list); tools.append(box);
    d.addEventListener("focusin", function (e) { if (!box.contains(e.target)) list.hidden = true; });
    d.addEventListener("click", function (e) { if (!box.contains(e.target)) list.hidden = true; });
    /* A single key must be one that can be turned off (WCAG 2.1.4). */
    var slash = store("dxcp-slash") !== "off";
    d.addEventListener("keydown", function (e) {
      var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || e.target.isContentEditable;
      var chord = (e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "k";
      if (chord || (slash && e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey)) { e.preventDefault(); q.focus(); q.select(); }
      if (e.key === "Escape" && !list.hidden) { list.hidden = true; q.focus(); }
    });
    var key = function () { return "Key / finds: " + (slash ? "on" : "off"); };
    var kb = el("button", { type: "button", className: "btn", textContent: key() });
    kb.onclick = function () { slash = !slash; store("dxcp-slash", slash ? "on" : "off"); say(kb, key()); say(live, key()); };
    d.getElementById("foot-tools").append(kb);
  }

  /* theme button */
  var names = { auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark" }, order = ["auto", "light", "dark"];
  var tb = el("button", { type: "button", className: "btn", textContent: names[root.dataset.theme || "auto"] });
  tb.onclick = function () {
    var t = order[(order.indexOf(root.dataset.theme || "auto") + 1) % 3];
    if (t === "auto") delete root.dataset.theme; else root.dataset.theme = t;
    store("dxcp-theme", t); say(tb, names[t]); say(live, names[t]);
  };
  d.getElementById("foot-tools").append(tb);
})();
