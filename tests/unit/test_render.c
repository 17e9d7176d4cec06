#include "core/embedded.h"
#include "core/files.h"
#include "core/vec.h"
#include "core/when.h"
#include "render/render.h"
#include "render/site.h"
#include "tests/lib/recorded.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tap.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 24, NOW = 1795000000 };

static const char policy_text[] =
        "kind: platform\n"
        "name: Acme <delivery>\n"
        "defaults: {guardrails: {daily_deploy_quota: 4}}\n"
        "engines: {box: {type: sandbox}}\n"
        "site: {repository_url: 'https://example.com/acme'}\n"
        "---\n"
        "kind: roles\n"
        "platform_admin: [ana@example.com]\n"
        "---\n{kind: environment, name: dev, type: non_prod}\n"
        "---\n{kind: environment, name: prod, type: prod}\n"
        "---\n{kind: window, id: peak, type: deny, scope: {environments: "
        "[prod]},\n"
        "when: {dated: {from: 2026-11-20T00:00:00Z, to: "
        "2026-11-21T00:00:00Z}},\nreason: Sale, timezone: UTC}\n"
        "---\n{kind: window, id: days, type: allow, scope: {groups: [g], "
        "environments: [prod]},\nwhen: {weekly: {days: [sun, mon], from: "
        "'22:00', to: '04:30'}}, timezone: Europe/Berlin,\n"
        "rollbacks: included}\n"
        "---\n{kind: waiver, id: w-1, guardrail: FREEZE_ACTIVE, scope: "
        "{services: [nobody]},\nowner: bo@example.com, reason: agreed, "
        "expires: 2026-12-01T00:00:00Z}\n"
        "---\n{kind: service, name: checkout, recipes: [standard],\n"
        "routes: {dev: standard, prod: standard}, owner: pay}\n"
        "---\n{kind: service, name: Ledger, recipes: [standard],\n"
        "routes: {prod: standard}}\n"
        "---\n{kind: service, name: search, recipes: [standard],\n"
        "routes: {prod: standard}}\n"
        "---\n{kind: recipe, id: standard, name: Standard, revision: 2,\n"
        "summary: All at once, engine: box}\n"
        "---\n{kind: group, id: g, name: 'Gee \"&\"', services: [checkout,\n"
        "Ledger, search], environments: [dev, prod], recipes: [standard],\n"
        "owners: [bo@example.com]}\n";

/* Names and texts that want to be more than text. */
#define SCRIPT "<script>alert(1)</script>"
#define BIDI "\xe2\x80\xae"

static const struct policy *world_policy(struct arena *a)
{
	struct diags ds = diags_new(a);
	struct source *files[] = {
	        source_new(a, STR("policy/all.yaml"), str_of(policy_text))};
	struct policy *p = policy_read(a, files, 1, &ds);
	for (size_t i = 0; i < ds.n; i++)
		tap_note("%s: %.*s", diag_info(ds.at[i].code)->name,
		         (int)ds.at[i].message.n, ds.at[i].message.s);
	ok(!ds.errors, "the policy of the world is sound");
	return p;
}

static void world_decisions(struct ledger *l, int64_t t)
{
	record(l, t, "run.started", "1",
	       "{'number':1,'commit':'%040d','policyTree':'%040d'}", 1, 2);
	record(l, t, "intent.decided", "intents/checkout/a.yaml",
	       "{'intent':'intents/checkout/a.yaml','blob':'%040d','kind':"
	       "'deploy','service':'checkout','environment':'prod','version':"
	       "'1.0.0','decision':'allow','code':'','run':1,'policyCommit':'%040d',"
	       "'actor':{'email':'bo@example.com'},'trace':["
	       "{'guardrail':'request','result':'pass','detail':'It is " SCRIPT
	       "'},{'guardrail':'quota','result':'pass','detail':'0 of 4',"
	       "'rule':{'file':'policy/all.yaml','line':3}},"
	       "{'guardrail':'freeze','result':'waived','code':"
	       "'FREEZE_ACTIVE','detail':'let through'},"
	       "{'guardrail':'concurrency','result':'pass','detail':'1 of 9',"
	       "'inputs':{'limit':9}},{'guardrail':'kill_switch','result':"
	       "'pass','detail':'it is off','inputs':{'by':'x'}},"
	       "{'guardrail':'ci_only','result':'skip'}]}",
	       3, 1);
	record(l, t, "intent.decided", "intents/search/w.yaml",
	       "{'intent':'intents/search/w.yaml','blob':'%040d','kind':"
	       "'deploy','service':'search','environment':'prod','version':"
	       "'3.0.0','decision':'wait','code':'QUOTA_EXCEEDED','run':1,"
	       "'message':'all 4 are used " SCRIPT "','nextAllowedAt':"
	       "'2026-11-20T00:00:00Z','actor':{'email':'bo@example.com'}}",
	       4);
}

/* A wait that is over, and a denial. */
static void world_refusals(struct ledger *l, int64_t t)
{
	static const char *const outcomes[] = {"wait", "deny"};
	static const char *const codes[] = {"WINDOW_CLOSED", "INTENT_EXPIRED"};
	for (int i = 0; i < 2; i++)
		record(l, t + i, "intent.decided", "intents/checkout/late.yaml",
		       "{'intent':'intents/checkout/late.yaml','blob':'%040d',"
		       "'kind':'deploy','service':'checkout','environment':"
		       "'prod','version':'9.0.0','decision':'%s','code':'%s',"
		       "'run':1,'message':'too %s','hint':'Ask bo@example.com.',"
		       "'commit':'%040d','actor':{'email':'bo@example.com'}}",
		       5, outcomes[i], codes[i], outcomes[i], 6);
}

static void world_history(struct ledger *l)
{
	const int64_t day = 24 * 60 * 60, t = NOW - 3 * day;
	record(l, t, "ledger.created", "ledger",
	       "{'schema':1,'repository':'r'}");
	world_decisions(l, t);
	world_refusals(l, t);
	recorded_deployed(
	        l, t, 1, "checkout", "1.0.0",
	        ",'summary':'First " SCRIPT " \\\"&amp;',"
	        "'actor':{'email':'bo@example.com','name':'Bo " BIDI
	        "evil'},'intent':{'path':'intents/checkout/a.yaml',"
	        "'blob':'0000000000000000000000000000000000000003',"
	        "'commit':'0000000000000000000000000000000000000001'}");
	recorded_deployed(l, t + day, 2, "checkout", "1.1.0",
	                  ",'previousVersion':'1.0.0','summary':'Second'");
	recorded_deployed(l, t + day + 600, 3, "checkout", "1.0.0",
	                  ",'previousVersion':'1.1.0','kind':'ROLLBACK',"
	                  "'rollbackOf':2,'summary':'Taken back'");
	recorded_created(l, NOW - 1800, 4, "Ledger", "v:2/" SCRIPT,
	                 ",'summary':'odd version'");
	recorded_dispatching(l, NOW - 1799, 4);
	recorded_started(l, NOW - 1798, 4);
	recorded_ended(l, NOW - 1700, 4, "FAILED");
	recorded_created(l, NOW - 600, 5, "../../etc", "2", ",'summary':' '");
	recorded_dispatching(l, NOW - 599, 5);
	recorded_deployed(l, NOW - 500, 6, "search", "2.0.0", "");
	recorded_deployed(l, NOW - 400, 7, "search", "2.1.0",
	                  ",'previousVersion':'2.0.0'");
}

struct world {
	struct arena *arena;
	struct render_input in;
	struct render_result result;
	struct fail why;
	struct diags ds;
};

static const struct guardrail_text guardrail_texts[] = {
        {"request", "Request", "The file decodes."},
        {"ci_only", "CI publisher", "Only a CI publisher registers builds."},
};

static struct world world_new(const char *folder)
{
	struct arena *a = arena_new();
	struct str file = str_format(a, "%s/ledger.db", folder);
	struct ledger *l = ledger_at(a, file.s, LEDGER_WRITE);
	world_history(l);
	return (struct world){
	        .arena = a,
	        .ds = diags_new(a),
	        .in = {.policy = world_policy(a),
	               .commit =
	                       STR("0123456789012345678901234567890123456789"),
	               .ledger = l,
	               .now = NOW,
	               .guardrails = guardrail_texts,
	               .nguardrails = 2,
	               .out_dir = str_format(a, "%s/site", folder).s}};
}

static bool render(struct world *w)
{
	w->why = (struct fail){0};
	w->ds = diags_new(w->arena);
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	bool fine = render_site(&w->in, a, &ds, &w->result, &w->why);
	for (size_t i = 0; i < ds.n; i++) {
		struct buf b = buf_new(a, 65536);
		diag_print(&b, &ds.at[i], false);
		tap_note("%.*s", (int)b.n, b.s);
	}
	w->ds.errors = ds.errors;
	if (!fine)
		tap_note("%s", w->why.text);
	arena_free(a);
	return fine;
}

/* --- what was written --------------------------------------------------- */

struct file {
	struct str path, bytes;
};
struct files {
	VEC(struct file) list;
};

static int file_cmp(const void *a, const void *b)
{
	return str_cmp(((const struct file *)a)->path,
	               ((const struct file *)b)->path);
}

static void walk(struct files *out, struct arena *a, const char *root,
                 struct str below)
{
	struct str folder =
	        str_format(a, "%s/%.*s", root, (int)below.n, below.s);
	DIR *dir = opendir(folder.s);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		struct str path =
		        str_format(a, "%.*s%s%s", (int)below.n, below.s,
		                   below.n ? "/" : "", e->d_name);
		struct str full = str_format(a, "%s/%s", root, path.s);
		struct stat st;
		if (lstat(full.s, &st) == 0 && S_ISDIR(st.st_mode)) {
			walk(out, a, root, path);
			continue;
		}
		struct fail why = {0};
		struct file *f = vec_add(a, &out->list);
		f->path = path;
		if (!file_read(&f->bytes, a, full.s, FILE_MAX, &why))
			tap_note("%s", why.text);
	}
	if (dir)
		closedir(dir);
}

static struct files files_in(struct arena *a, const char *root)
{
	struct files out = {0};
	walk(&out, a, root, STR(""));
	qsort(out.list.at, out.list.n, sizeof *out.list.at, file_cmp);
	return out;
}

static const struct file *file_named(const struct files *all, struct str path)
{
	for (size_t i = 0; i < all->list.n; i++)
		if (str_eq(all->list.at[i].path, path))
			return &all->list.at[i];
	return NULL;
}

/* "a/b/c.html" and "../d/e.html#f" to "a/d/e.html"; false: above the root. */
static bool resolve(struct arena *a, struct str from, struct str href,
                    struct str *path)
{
	struct buf b = buf_new(a, 4096);
	struct str part, rest = href;
	buf_add(&b, from);
	while (b.n && b.s[b.n - 1] != '/')
		b.n--;
	while (str_next(&rest, '/', &part)) {
		if (str_is(part, "..")) {
			if (!b.n)
				return false;
			for (b.n--; b.n && b.s[b.n - 1] != '/';)
				b.n--;
			continue;
		}
		buf_add(&b, part);
		if (rest.n)
			buf_add_char(&b, '/');
	}
	*path = buf_str(&b);
	return true;
}

static bool has_id(const struct file *f, struct str id)
{
	struct arena *a = arena_new();
	bool found = str_contains(
	        f->bytes, str_format(a, "id=\"%.*s\"", (int)id.n, id.s));
	arena_free(a);
	return found;
}

static bool link_works(const struct files *all, const struct file *page,
                       struct str href)
{
	struct str path, fragment, target;
	if (str_starts(href, STR("https://")) ||
	    str_starts(href, STR("http://")))
		return true;
	if (!href.n || href.s[0] == '/')
		return false;
	str_cut(href, '#', &path, &fragment);
	struct arena *a = arena_new();
	const struct file *to = page;
	if (path.n)
		to = resolve(a, page->path, path, &target)
		             ? file_named(all, target)
		             : NULL;
	bool works = to && (!fragment.n || has_id(to, fragment));
	arena_free(a);
	return works;
}

static size_t broken_links(const struct files *all, const struct file *page)
{
	static const struct str marks[] = {{" href=\"", 7}, {" src=\"", 6}};
	size_t broken = 0;
	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i + marks[m].n < page->bytes.n; i++) {
			struct str rest = str_from(page->bytes, i), href;
			if (rest.s[0] != ' ' || !str_starts(rest, marks[m]))
				continue;
			str_cut(str_from(rest, marks[m].n), '"', &href, &rest);
			if (link_works(all, page, href))
				continue;
			tap_note("%s: %.*s", page->path.s, (int)href.n, href.s);
			broken++;
		}
	return broken;
}

static void test_pages(const struct files *all)
{
	size_t broken = 0, styled = 0, scripted = 0, raw = 0, pages = 0;
	size_t duplicated = 0, twins = 0;
	for (size_t i = 0; i < all->list.n; i++) {
		const struct file *f = &all->list.at[i];
		if (!str_ends(f->path, STR(".html")))
			continue;
		pages++;
		if (!str_is(f->path, "404.html"))
			broken += broken_links(all, f);
		styled += str_contains(f->bytes, STR(" style=")) ||
		          str_contains(f->bytes, STR("<style"));
		scripted += str_contains(f->bytes, STR("<script>")) ||
		            str_contains(f->bytes, STR(" onclick="));
		raw += str_contains(f->bytes, STR(BIDI)) ||
		       str_contains(f->bytes, STR("alert(1)</script"));
		duplicated +=
		        !str_is(f->path, "404.html") &&
		        !str_contains(f->bytes, STR("default-src 'none'"));
		twins += str_contains(f->bytes,
		                      STR("type=\"application/json\""));
	}
	ok(pages > 100, "%zu pages were written", pages);
	is_int((int64_t)broken, 0, "every link of every page leads somewhere");
	is_int((int64_t)styled, 0, "no page has a style of its own");
	is_int((int64_t)scripted, 0, "no page has a script of its own");
	is_int((int64_t)raw, 0, "user text is text on every page");
	is_int((int64_t)duplicated, 0, "every page has the content policy");
	ok(twins >= 10, "pages name their JSON twins (%zu)", twins);
}

static bool page_says(const struct files *all, const char *path,
                      const char *text)
{
	const struct file *f = file_named(all, str_of(path));
	return f && str_contains(f->bytes, str_of(text));
}

/* Where a text first stands on a page; at its end where it does not. */
static size_t place_of(const struct files *all, const char *path,
                       const char *text)
{
	const struct file *f = file_named(all, str_of(path));
	struct str part = str_of(text);
	size_t i = 0;
	while (f && i < f->bytes.n && !str_starts(str_from(f->bytes, i), part))
		i++;
	return i;
}

static void test_contents(const struct files *all)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
	        {"index.html", "4 production changes"},
	        {"index.html", "Ledger v:2/&lt;script&gt;"},
	        {"index.html", "QUOTA_EXCEEDED"},
	        {"index.html", "<b>peak</b> begins on Fri 20 Nov 2026, 00:00 "
	                       "UTC: Sale"},
	        {"groups/index.html",
	         "<small>The window days opens Sun 22 Nov 2026, 21:00 UTC. The "
	         "freeze peak begins Fri 20 Nov 2026, 00:00 UTC.</small>"},
	        {"groups/g/index.html",
	         "Mon, Sun 22:00 to 04:30 the next day, Europe/Berlin"},
	        {"policy/index.html", "prod; groups g</td><td>included"},
	        {"policy/index.html", "codes/FREEZE_ACTIVE/index.html"},
	        {"policy/index.html", "services nobody"},
	        {"policy/index.html", "Only a CI publisher registers builds."},
	        {"services/search/index.html", "all 4 are used"},
	        {"services/search/index.html",
	         "Earliest: <time datetime=\"2026-11-20T00:00:00Z\">"},
	        {"services/checkout/index.html", "too deny."},
	        {"services/checkout/index.html", "<b>Next</b> Ask bo.</p>"},
	        {"services/checkout/index.html",
	         "https://example.com/acme/blob/"
	         "0000000000000000000000000000000000000006/intents/checkout/"
	         "late.yaml"},
	        {"services/search/index.html",
	         "dxcp rollback search prod --to 2.0.0"},
	        {"services/~2e.~2f..~2fetc/index.html", "../../etc"},
	        {"services/checkout/prod/index.html", "Versions to go back to"},
	        {"deployments/1/index.html", "policy/all.yaml:3"},
	        {"deployments/1/index.html",
	         "https://example.com/acme/blob/"
	         "0000000000000000000000000000000000000001/policy/"
	         "all.yaml#L3"},
	        {"deployments/1/index.html", "Bo [U+202E]evil"},
	        {"deployments/1/index.html", "<td>1 of 9</td>"},
	        {"deployments/1/index.html", "codes/FREEZE_ACTIVE/"},
	        {"deployments/1/index.html", "4 of 5 passed; 1 did not"},
	        {"deployments/1/index.html", "<dd>Request, Kill switch</dd>"},
	        {"deployments/1/index.html", "<dd>CI publisher</dd>"},
	        {"deployments/2/index.html", "Rolled back"},
	        {"deployments/2/index.html", "../3/index.html"},
	        {"deployments/4/index.html", "it fell"},
	        {"deployments/2026-11/index.html", "Deployments in November"},
	        {"groups/g/index.html", "Gee &quot;&amp;&quot;"},
	        {"codes/QUOTA_EXCEEDED/index.html", "used up its quota"},
	        {"audit/2026-11/index.html", "Intent decided"},
	        {"policy/recipes/standard/index.html", "All at once"},
	        {"guide/index.html", "getting-started/index.html"},
	        {"api/v1/deployments/4.json", "\"state\":\"FAILED\""},
	        {"api/v1/deployments/4.json", "\"decision\":null}"},
	        {"api/v1/deployments/1.json", "\"decision\":{\"actor\":"},
	        {"api/v1/deployments/1.json", "it is off"},
	        {"api/v1/status.json", "\"schema\":\"dxcp.status/1\""},
	        {"api/v1/services/checkout/delivery-status.json",
	         "\"currentRunning\":{"},
	        {"as-of.svg", "As of"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof *cases; i++)
		ok(page_says(all, cases[i].path, cases[i].text), "%s says %s",
		   cases[i].path, cases[i].text);
	ok(!page_says(all, "services/checkout/index.html", "too wait"),
	   "a wait that is over is not told");
	ok(!page_says(all, "groups/g/index.html", "w-1"),
	   "nor is a waiver for others on the page of a group");
	ok(!page_says(all, "deployments/1/index.html", "it is off"),
	   "what passed without a rule or a limit is only named");
	ok(!file_named(all, STR("../etc")), "no file leaves the folder");
}

static size_t differing(const struct files *x, const struct files *y)
{
	size_t n = x->list.n != y->list.n;
	for (size_t i = 0; i < x->list.n; i++) {
		const struct file *other = file_named(y, x->list.at[i].path);
		if (other && str_eq(other->bytes, x->list.at[i].bytes))
			continue;
		tap_note("%s", x->list.at[i].path.s);
		n++;
	}
	return n;
}

/* --- again, and later --------------------------------------------------- */

/* How many files every run makes anew, by the stamp. */
static int64_t hot_files(struct arena *a, const char *out_dir)
{
	struct str path = str_format(a, "%s/.dxcp-render", out_dir);
	struct str text, line;
	struct fail why = {0};
	int64_t n = 0;
	if (!file_read(&text, a, path.s, FILE_MAX, &why))
		return -1;
	while (str_next(&text, '\n', &line))
		n += str_starts(line, STR("H "));
	return n;
}

static void test_again(struct world *w, const struct files *first)
{
	struct arena *a = arena_new();
	int64_t files = w->result.written;
	ok(render(w) && w->result.written == 0,
	   "the same again writes nothing");
	is_int(w->result.unchanged, files, "and knows every file");
	struct str page = str_format(a, "%s/index.html", w->in.out_dir);
	struct fail why = {0};
	file_write(page.s, STR("spoilt"), &why);
	ok(render(w) && w->result.written == 1, "a spoilt page is repaired");
	struct files again = files_in(a, w->in.out_dir);
	is_int((int64_t)differing(first, &again), 0, "as it was");
	int64_t hot = hot_files(a, w->in.out_dir);
	ok(hot >= 6 && hot < files / 8, "few pages have the clock (%lld)",
	   (long long)hot);
	w->in.now += 60;
	ok(render(w) && w->result.written == hot,
	   "a minute later only they are written (%lld)",
	   (long long)w->result.written);
	is_int(w->result.unchanged, files - hot, "the others are not touched");
	w->in.now -= 60;
	ok(render(w) && w->result.written == hot, "and back");
	again = files_in(a, w->in.out_dir);
	is_int((int64_t)differing(first, &again), 0, "to the same bytes");
	arena_free(a);
}

/* Whatever was rendered before, and however long ago: the same bytes as of a
   render into an empty folder at that time. */
static void test_later(struct world *w)
{
	static const char *const times[] = {
	        "2026-11-18T11:07:00Z", "2026-11-18T23:00:00Z",
	        "2026-11-20T00:00:00Z", "2026-11-20T12:00:00Z",
	        "2026-11-21T00:00:01Z", "2026-11-22T21:30:00Z",
	        "2026-12-01T00:00:00Z", "2027-03-28T02:30:00Z"};
	const char *before = w->in.out_dir;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct arena *a = arena_new();
		ok(when_parse(str_of(times[i]), &w->in.now), "a time");
		ok(render(w), "later, in the same folder");
		struct files kept = files_in(a, w->in.out_dir);
		w->in.out_dir = str_format(a, "%s.later%zu", before, i).s;
		ok(render(w), "at the same time, in an empty one");
		struct files fresh = files_in(a, w->in.out_dir);
		is_int((int64_t)differing(&kept, &fresh), 0,
		       "the same bytes at %s", times[i]);
		w->in.out_dir = before;
		arena_free(a);
	}
	w->in.now = NOW;
	ok(render(w), "and back");
}

static void test_elsewhere(struct world *w, const struct files *first)
{
	struct arena *a = arena_new();
	const char *before = w->in.out_dir;
	w->in.out_dir = str_format(a, "%s.tokyo", before).s;
	setenv("TZ", "Asia/Tokyo", 1);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	ok(render(w), "it renders in another time zone");
	struct files there = files_in(a, w->in.out_dir);
	is_int((int64_t)differing(first, &there), 0, "to the same bytes");
	unsetenv("TZ");
	w->in.out_dir = before;
	arena_free(a);
}

static void test_overrides(struct world *w)
{
	struct arena *a = arena_new();
	const struct source *extra[] = {
	        source_new(a, STR("site/guide/more/a.md"),
	                   STR("# More\n\n<b>raw</b> *text*\n")),
	        source_new(a, STR("templates/404.html"),
	                   STR("<title>{{frame.site}} is lost</title>\n"))};
	w->in.overrides = extra;
	w->in.noverrides = 2;
	ok(render(w), "a repository's own pages are taken");
	struct files all = files_in(a, w->in.out_dir);
	ok(page_says(&all, "guide/more/a/index.html", "<em>text</em>"),
	   "Markdown becomes a page");
	ok(!page_says(&all, "guide/more/a/index.html", "<b>raw</b>"),
	   "without the HTML in it");
	ok(page_says(&all, "404.html", "Acme &lt;delivery&gt; is lost"),
	   "a template replaces the built-in one");
	const struct source *wrong[] = {source_new(
	        a, STR("templates/404.html"), STR("{{frame.sit}}{{#open}}"))};
	w->in.overrides = wrong;
	w->in.noverrides = 1;
	ok(render(w) && w->ds.errors && !w->result.written,
	   "a template that is wrong is a finding, and nothing is written");
	w->in.overrides = NULL;
	w->in.noverrides = 0;
	ok(render(w) && w->result.removed == 2,
	   "a page that is no more is removed, and its twin");
	all = files_in(a, w->in.out_dir);
	ok(!file_named(&all, STR("guide/more/a/index.html")), "it is gone");
	arena_free(a);
}

static void test_redaction(struct world *w)
{
	struct arena *a = arena_new();
	const char *before = w->in.out_dir;
	w->in.out_dir = str_format(a, "%s.redacted", before).s;
	w->in.redact = true;
	ok(render(w), "it renders redacted");
	struct files all = files_in(a, w->in.out_dir);
	size_t told = 0;
	static const char *const secrets[] = {
	        "bo@example.com", "Bo [U", "http://e/x", "Taken back", "First"};
	for (size_t i = 0; i < all.list.n; i++)
		for (size_t k = 0; k < 5; k++)
			if (str_contains(all.list.at[i].bytes,
			                 str_of(secrets[k]))) {
				tap_note("%s: %s", all.list.at[i].path.s,
				         secrets[k]);
				told++;
			}
	is_int((int64_t)told, 0, "no actor, summary or engine link is told");
	w->in.redact = false;
	w->in.out_dir = before;
	arena_free(a);
}

static void test_empty(const char *folder)
{
	struct world w = {.arena = arena_new()};
	struct str file = str_format(w.arena, "%s/none.db", folder);
	w.in = (struct render_input){
	        .policy = world_policy(w.arena),
	        .ledger = ledger_at(w.arena, file.s, LEDGER_READ),
	        .now = NOW,
	        .out_dir = str_format(w.arena, "%s/empty", folder).s};
	ok(render(&w), "a world without deployments renders");
	struct files all = files_in(w.arena, w.in.out_dir);
	size_t broken = 0;
	for (size_t i = 0; i < all.list.n; i++)
		if (str_ends(all.list.at[i].path, STR(".html")) &&
		    !str_is(all.list.at[i].path, "404.html"))
			broken += broken_links(&all, &all.list.at[i]);
	is_int((int64_t)broken, 0, "with links that lead somewhere");
	ok(page_says(&all, "deployments/index.html", "No deployments yet"),
	   "and says that there are none");
	arena_free(w.arena);
}

/* Deployments from elsewhere, in one transaction. The 802nd is the first of
   its service: it replaces none. */
static void import_days(struct ledger *l, int first, int last)
{
	struct fail why = {0};
	bool fine = ledger_begin(l, &why);
	for (int i = first; fine && i <= last; i++) {
		struct arena *a = arena_new();
		struct when_text at = when_text(NOW - 86400 + i);
		json_t *payload;
		struct str text = str_format(
		        a,
		        "{\"number\":%d,\"service\":\"s%d\",\"environment\":"
		        "\"prod\",\"version\":\"1.0.%d\",\"kind\":"
		        "\"ROLL_FORWARD\",\"state\":\"SUCCEEDED\",\"createdAt\":"
		        "\"%s\",\"finishedAt\":\"%s\",\"digest\":\"%064d\"}",
		        i, i > 81 ? 9 : i % 3, i, at.s, at.s, i);
		fine = json_read(&payload, a, text, &why) &&
		       ledger_append(l, NOW, "deployment.imported",
		                     str_format(a, "%d", i), STR(""), payload,
		                     NULL, &why);
		arena_free(a);
	}
	ok(fine && ledger_commit(l, &why), "%d to %d are imported: %s", first,
	   last, why.text);
}

static void test_parts(const char *folder)
{
	struct world w = {.arena = arena_new()};
	struct str file = str_format(w.arena, "%s/parts.db", folder);
	struct ledger *l = ledger_at(w.arena, file.s, LEDGER_WRITE);
	w.in = (struct render_input){
	        .policy = world_policy(w.arena),
	        .ledger = l,
	        .commit = STR("c"),
	        .now = NOW,
	        .out_dir = str_format(w.arena, "%s/parts", folder).s};
	record(l, NOW, "ledger.created", "ledger",
	       "{'schema':1,'repository':'r'}");
	import_days(l, 1, 40);
	ok(render(&w), "40 deployments render");
	struct files before = files_in(w.arena, w.in.out_dir);
	ok(page_says(&before, "deployments/2026-11/index.html", ">40</a>") &&
	           page_says(&before, "deployments/2026-11/index.html",
	                     ">1</a>"),
	   "on one page");
	ok(!file_named(&before, STR("deployments/2026-11/p1/index.html")),
	   "which is the month's");
	import_days(l, 41, 81);
	ok(render(&w), "twice as many and one render");
	struct files after = files_in(w.arena, w.in.out_dir);
	ok(page_says(&after, "deployments/2026-11/p1/index.html", ">40</a>"),
	   "the oldest 40 are part 1");
	ok(page_says(&after, "deployments/2026-11/p2/index.html", ">80</a>"),
	   "the next 40 are part 2");
	ok(page_says(&after, "deployments/2026-11/index.html", ">81</a>") &&
	           !page_says(&after, "deployments/2026-11/index.html",
	                      ">80</a>"),
	   "the newest is alone on the month's page");
	size_t broken = 0;
	for (size_t i = 0; i < after.list.n; i++)
		if (str_starts(after.list.at[i].path, STR("deployments/2026")))
			broken += broken_links(&after, &after.list.at[i]);
	is_int((int64_t)broken, 0, "parts lead to each other");
	import_days(l, 82, 82);
	ok(render(&w), "one more renders");
	struct files again = files_in(w.arena, w.in.out_dir);
	const struct str full = STR("deployments/2026-11/p2/index.html");
	ok(str_eq(file_named(&after, full)->bytes,
	          file_named(&again, full)->bytes),
	   "a full part does not change");
	/* Twenty of them are figures: five windows, of all and of one group. */
	ok(w.result.written < 60, "one deployment touches few files (%lld)",
	   (long long)w.result.written);
	arena_free(w.arena);
}

/* --- parts -------------------------------------------------------------- */

static bool mentions(struct str text, struct str name)
{
	for (size_t i = 0; i + name.n + 2 < text.n; i++) {
		struct str rest = str_from(text, i);
		if (!str_starts(rest, STR("{{")))
			continue;
		rest = str_from(rest, 2);
		while (rest.n && str_has(STR("#^{&"), rest.s[0]))
			rest = str_from(rest, 1);
		struct str tag, after, word;
		str_cut(rest, '}', &tag, &after);
		while (str_next(&tag, '.', &word))
			if (str_eq(word, name))
				return true;
	}
	return false;
}

static void note_unused(const struct page_kind *kind)
{
	for (size_t i = 0; i < kind->fields->n; i++) {
		struct str name = kind->fields->at[i].name;
		bool used = false;
		for (size_t k = 0; k < embedded_count && !used; k++)
			used = mentions(
			        (struct str){
			                (const char *)embedded_files[k].bytes,
			                embedded_files[k].size},
			        name);
		if (!used)
			tap_note("%s has a field that no template shows: %.*s",
			         kind->name, (int)name.n, name.s);
	}
}

static void test_templates(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	const struct theme *t = theme_load(a, NULL, 0, &ds);
	is_int((int64_t)ds.n, 0, "the built-in templates parse");
	int64_t n = 0;
	for (size_t i = 0; site_kinds[i]; i++, n++) {
		const struct page_kind *kind = site_kinds[i];
		const struct template *page =
		        map_find(&t->pages, str_of(kind->name));
		ok(page && template_check(page, &t->partials, kind->fields,
		                          &ds),
		   "templates/%s.html asks for what its page has", kind->name);
		note_unused(kind);
	}
	for (size_t i = 0; i < ds.n; i++) {
		struct buf b = buf_new(a, 65536);
		diag_print(&b, &ds.at[i], false);
		tap_note("%.*s", (int)b.n, b.s);
	}
	is_int((int64_t)t->pages.n, n, "no template is of no use");
	arena_free(a);
}

/* --- many groups --------------------------------------------------------- */

static const struct policy *policy_of_groups(struct arena *a, int n)
{
	struct buf text = buf_new(a, 65536);
	struct diags ds = diags_new(a);
	buf_add(&text,
	        STR("kind: platform\nname: p\nengines: {box: {type: sandbox}}\n"
	            "---\n{kind: environment, name: prod, type: prod}\n"
	            "---\n{kind: recipe, id: r, name: R, revision: 1,\n"
	            "summary: s, engine: box}\n"));
	/* recorded.h deploys services of group g: the last one ("%.0d" of 0 is
	   empty). */
	for (int i = 0; i < n; i++)
		buf_format(&text,
		           "---\n{kind: service, name: s%d, recipes: [r],\n"
		           "routes: {prod: r}}\n"
		           "---\n{kind: group, id: g%.0d, name: G, services:"
		           " [s%d],\nenvironments: [prod], recipes: [r]}\n",
		           i, n - 1 - i, i);
	struct source *file =
	        source_new(a, STR("policy/all.yaml"), buf_str(&text));
	const struct policy *p = policy_read(a, &file, 1, &ds);
	ok(!ds.errors, "a policy of %d groups is sound", n);
	return p;
}

static void test_many_groups(void)
{
	struct world w = {.arena = arena_new()};
	struct ledger *l = ledger_at(w.arena, "many.db", LEDGER_WRITE);
	w.in = (struct render_input){.policy = policy_of_groups(w.arena, 11),
	                             .ledger = l,
	                             .commit = STR("c"),
	                             .now = NOW,
	                             .out_dir = "many"};
	record(l, NOW - 60, "ledger.created", "ledger",
	       "{'schema':1,'repository':'r'}");
	recorded_created(l, NOW - 50, 1, "s10", "1", "");
	recorded_dispatching(l, NOW - 40, 1);
	ok(render(&w), "it renders");
	struct files all = files_in(w.arena, w.in.out_dir);
	ok(page_says(&all, "index.html", ">g, prod") &&
	           page_says(&all, "index.html", ">g4, prod") &&
	           !page_says(&all, "index.html", ">g3, prod") &&
	           page_says(&all, "index.html", "3 more of production"),
	   "the overview shows the eight that are nearest to their limits");
	ok(place_of(&all, "groups/index.html", "href=\"g/index.html\"") <
	           place_of(&all, "groups/index.html",
	                    "href=\"g10/index.html\""),
	   "the groups' page has the busy one first");
	arena_free(w.arena);
}

/* --- many environments --------------------------------------------------- */

static const struct policy *policy_of_environments(struct arena *a, int n)
{
	struct buf text = buf_new(a, 65536), names = buf_new(a, 4096);
	struct diags ds = diags_new(a);
	buf_add(&text,
	        STR("kind: platform\nname: p\nengines: {box: {type: sandbox}}\n"
	            "---\n{kind: recipe, id: r, name: R, revision: 1,\n"
	            "summary: s, engine: box}\n"
	            "---\n{kind: service, name: s, recipes: [r],\n"
	            "routes: {e0: r}}\n"));
	for (int i = 0; i < n; i++) {
		buf_format(&text,
		           "---\n{kind: environment, name: e%d, type: %s}\n", i,
		           i >= n - 2 ? "prod" : "non_prod");
		buf_format(&names, "%s%s", i ? ", " : "",
		           str_format(a, "e%d", i).s);
	}
	buf_format(&text,
	           "---\n{kind: group, id: g, name: G, services: [s],\n"
	           "environments: [%" STR_FMT
	           ", {name: tight,\nguardrails: {daily_deploy_quota: 1}}],"
	           " recipes: [r]}\n"
	           "---\n{kind: environment, name: tight, type: non_prod}\n",
	           STR_ARG(buf_str(&names)));
	struct source *file =
	        source_new(a, STR("policy/all.yaml"), buf_str(&text));
	const struct policy *p = policy_read(a, &file, 1, &ds);
	ok(!ds.errors, "a policy of %d environments is sound", n + 1);
	return p;
}

static void test_many_environments(void)
{
	struct world w = {.arena = arena_new()};
	struct ledger *l = ledger_at(w.arena, "wide.db", LEDGER_WRITE);
	w.in = (struct render_input){.policy =
	                                     policy_of_environments(w.arena, 8),
	                             .ledger = l,
	                             .commit = STR("c"),
	                             .now = NOW,
	                             .out_dir = "wide"};
	record(l, NOW - 60, "ledger.created", "ledger",
	       "{'schema':1,'repository':'r'}");
	for (int i = 0; i < 8; i++) {
		record(l, NOW - 50, "deployment.created",
		       str_format(w.arena, "%d", i + 1).s,
		       "{'number':%d,'token':'dxcp-%d','service':'s',"
		       "'environment':'e%d','version':'1','group':'g',"
		       "'recipe':'r','engine':'box','kind':'ROLL_FORWARD'}",
		       i + 1, i + 1, i);
		recorded_dispatching(l, NOW - 49, i + 1);
	}
	ok(render(&w), "it renders");
	struct files all = files_in(w.arena, w.in.out_dir);
	ok(page_says(&all, "index.html",
	             "Of 8 environments the 6 in most use are columns.") &&
	           page_says(&all, "index.html",
	                     ">e7</a></th><th scope=\"col\"><a "
	                     "href=\"environments/e6/index.html\">e6</a></th>"
	                     "<th scope=\"col\"><a "
	                     "href=\"environments/e3/index.html\">e3</a>"),
	   "the overview has room for six, production first");
	ok(page_says(&all, "groups/g/index.html",
	             "<th scope=\"row\">8 environments</th>") &&
	           page_says(&all, "groups/g/index.html",
	                     "<th scope=\"row\">tight</th><td>1</td><td>1<"),
	   "limits that are alike are one row, others their own");
	ok(page_says(&all, "groups/g/index.html", "through 9 environments") &&
	           page_says(&all, "services/s/index.html",
	                     "in the order of promotion"),
	   "they are not all told by name");
	arena_free(w.arena);
}

/* --- a run at the same time --------------------------------------------- */

static void record_meanwhile(void *context, const char *what, int64_t done,
                             int64_t total)
{
	bool *recorded = context;
	(void)what;
	(void)done;
	(void)total;
	if (*recorded)
		return;
	*recorded = true;
	struct arena *a = arena_new();
	struct ledger *l = ledger_at(a, "./ledger.db", LEDGER_WRITE);
	recorded_deployed(l, NOW - 300, 8, "search", "2.2.0", "");
	arena_free(a);
}

/* What a run records meanwhile shows on all pages or, as here, on none. */
static void test_meanwhile(const struct world *w, const struct files *before)
{
	struct arena *a = arena_new();
	bool recorded = false, same = true;
	struct world reading = *w;
	reading.arena = a;
	reading.in.ledger = ledger_at(a, "./ledger.db", LEDGER_READ);
	reading.in.out_dir = "./meanwhile";
	reading.in.progress = record_meanwhile;
	reading.in.progress_context = &recorded;
	ok(render(&reading) && recorded, "a run records while pages are made");
	struct files after = files_in(a, reading.in.out_dir);
	for (size_t i = 0; i < before->list.n; i++) {
		const struct file *is = &before->list.at[i];
		const struct file *f = file_named(&after, is->path);
		same &= f && str_eq(f->bytes, is->bytes);
	}
	ok(same && after.list.n == before->list.n,
	   "the pages are of the moment when they were begun");
	arena_free(a);
}

int main(void)
{
	test_templates();
	scratch_start();
	const char *folder = ".";
	struct world w = world_new(folder);
	ok(render(&w) && w.result.written > 100 && !w.result.unchanged,
	   "the site is written");
	struct arena *a = arena_new();
	struct files first = files_in(a, w.in.out_dir);
	test_pages(&first);
	test_contents(&first);
	test_again(&w, &first);
	test_later(&w);
	test_elsewhere(&w, &first);
	test_overrides(&w);
	test_redaction(&w);
	test_meanwhile(&w, &first);
	test_empty(folder);
	test_parts(folder);
	test_many_groups();
	test_many_environments();
	arena_free(a);
	arena_free(w.arena);
	scratch_end();
	return tap_done();
}
