#include "render/forge.h"
#include "render/offer.h"
#include "tests/lib/tap.h"

/* A site of a repository and of what the policy says of it. */
static struct site *site_at(struct arena *a, const char *repository,
                            const char *branch, const char *form)
{
	struct policy *p = ARENA_NEW(a, struct policy);
	struct site *s = ARENA_NEW(a, struct site);
	p->platform.site.branch.s = str_of(branch);
	p->platform.site.new_file_url.s = str_of(form);
	*s = (struct site){.arena = a,
	                   .page = a,
	                   .policy = p,
	                   .repository = str_of(repository)};
	forge_find(s);
	return s;
}

static void test_forges(struct arena *a)
{
	static const struct {
		const char *repository, *branch, *form, *want, *name;
	} cases[] = {
	        {"https://github.com/acme/d", "", "",
	         "https://github.com/acme/d/new/main?filename=intents%2Fshop"
	         "%2Fpromote-1.2-prod.yaml&value=kind%3A%20promote%0A",
	         "GitHub, with the file's place and text"},
	        {"https://github.acme.example/a/d", "release/next", "",
	         "https://github.acme.example/a/d/new/release/next?filename=",
	         "a GitHub of one's own; a branch's slashes stay"},
	        {"https://gitlab.com/acme/d", "trunk", "",
	         "https://gitlab.com/acme/d/-/new/trunk?file_name=intents%2F"
	         "shop%2Fpromote-1.2-prod.yaml",
	         "GitLab, which takes no text"},
	        {"https://codeberg.org/acme/d", "", "",
	         "https://codeberg.org/acme/d/_new/main/?filename=intents%2F",
	         "Forgejo"},
	        {"https://git.example.com/github/d", "", "", "",
	         "a path does not tell whose a host is"},
	        {"", "", "", "", "no repository that can be looked at"},
	        {"https://git.example.com/d", "a b",
	         "https://git.example.com/add?b={branch}&p={path}&{what}",
	         "https://git.example.com/add?b=a%20b&p=intents%2Fshop%2F"
	         "promote-1.2-prod.yaml&{what}",
	         "the policy's own form, with what it asks for"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct site *s = site_at(a, cases[i].repository,
		                         cases[i].branch, cases[i].form);
		struct offer *o = offer_promotion(s, STR("shop"), STR("dev"),
		                                  STR("prod"), STR("1.2"));
		bool fine =
		        o &&
		        (o->href.n ? *cases[i].want != '\0' &&
		                             str_starts(o->href,
		                                        str_of(cases[i].want))
		                   : *cases[i].want == '\0');
		ok(fine, "%s", cases[i].name);
		if (o && !fine)
			tap_note("%" STR_FMT, STR_ARG(o->href));
	}
}

static void test_words(struct arena *a)
{
	struct site *s = site_at(a, "https://gitlab.com/acme/d", "", "");
	struct offer *o =
	        offer_rollback(s, STR("shop"), STR("prod"), 7, STR("1.2.0"));
	ok(o && str_contains(o->note, STR("pasted")),
	   "where the text cannot be handed over, the page says so");
	s = site_at(a, "https://github.com/acme/d", "", "");
	o = offer_rollback(s, STR("shop"), STR("prod"), 7, STR("1.2.0"));
	ok(o && !o->note.n, "and only there");
}

static void test_rollback(struct arena *a)
{
	struct site *s = site_at(a, "https://github.com/acme/d", "", "");
	struct offer *o = offer_rollback(s, STR("shop"), STR("prod"), 7,
	                                 STR("1.2.0+b/1"));
	is_str(o->path, "intents/shop/rollback-prod-7-to-1.2.0-b-1.yaml",
	       "what is no part of a file's name becomes a dash");
	is_str(o->command->text, "dxcp rollback shop prod --to 1.2.0+b/1",
	       "the command has the version itself");
	is_str(o->file->text,
	       "kind: rollback\nservice: shop\nenvironment: prod\nof: 7\n"
	       "to_version: 1.2.0+b/1\n"
	       "summary: \"Roll back shop prod to 1.2.0+b/1\"\n",
	       "the file says what is undone, and what comes back");
	o = offer_rollback(s, STR("shop"), STR("prod"), 7, STR("$(id) 'x'"));
	is_str(o->command->text,
	       "dxcp rollback shop prod --to '$(id) '\\''x'\\'''",
	       "a version from elsewhere is a word, not a command");
	o = offer_rollback(s, STR("shop"), STR("prod"), 7, STR("1\n2"));
	ok(o && !o->command, "nothing is offered that cannot be one line");
	ok(o && o->file && str_contains(o->file->text, STR("\"1\\n2\"")),
	   "though the file can say it");
}

static void test_folders(struct arena *a)
{
	struct site *s = site_at(a, "https://github.com/acme/d", "", "");
	static const char *const names[] = {"",    ".",   "..",      ".git",
	                                    "a/b", "a b", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ok(!offer_rollback(s, str_of(names[i]), STR("prod"), 7,
		                   STR("1")),
		   "no folder under intents/: \"%s\"", names[i]);
}

static void test_long(struct arena *a)
{
	struct site *s = site_at(a, "https://github.com/acme/d", "", "");
	char version[3000];
	for (size_t i = 0; i < sizeof version; i++)
		version[i] = '%';
	struct str v = {version, sizeof version};
	struct offer *o = offer_rollback(s, STR("shop"), STR("prod"), 7, v);
	ok(o && !o->href.n, "an address that no server takes is not offered");
}

static void test_pulls(struct arena *a)
{
	static const struct {
		const char *repository, *line, *want, *name;
	} cases[] = {
	        {"https://github.com/acme/d",
	         "Merge pull request #12 from acme/x",
	         "https://github.com/acme/d/pull/12", "a merge by GitHub"},
	        {"https://github.com/acme/d", "Fix #3, at last (#13)",
	         "https://github.com/acme/d/pull/13", "a squash by GitHub"},
	        {"https://codeberg.org/acme/d",
	         "Merge pull request 'Fix #3' (#14) from x into main",
	         "https://codeberg.org/acme/d/pulls/14", "a merge by Forgejo"},
	        {"https://github.com/acme/d", "Fix #3", "",
	         "a number that is talked about is none"},
	        {"https://github.com/acme/d", "Fix (#3 and more)", "",
	         "nor one that does not end the line"},
	        {"https://github.com/acme/d", "Merge pull request # from x", "",
	         "no number"},
	        {"https://git.example.com/acme/d",
	         "Merge pull request #12 from acme/x", "",
	         "nobody knows where it is"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct site *s = site_at(a, cases[i].repository, "", "");
		is_str(forge_pull(s, str_of(cases[i].line)), cases[i].want,
		       "%s", cases[i].name);
	}
}

int main(void)
{
	struct arena *a = arena_new();
	test_forges(a);
	test_words(a);
	test_rollback(a);
	test_folders(a);
	test_long(a);
	test_pulls(a);
	arena_free(a);
	return tap_done();
}
