/* parameter and expansion: what a recipe's parameters become for an order, and
 * what is wrong with them, at its place. */
#include "core/expansion.h"
#include "core/files.h"
#include "tests/lib/found.h"
#include "tests/lib/tap.h"

#include <string.h>

static const char before[] = "kind: platform\n"
                             "name: Shop\n"
                             "engines: {box: {type: sandbox}}\n"
                             "---\n"
                             "kind: recipe\n"
                             "id: rolling\n"
                             "name: Rolling\n"
                             "revision: 3\n"
                             "summary: One after the other.\n"
                             "engine: box\n"
                             "overridable:\n"
                             "  replicas: {type: integer, min: 1, max: 9}\n"
                             "  ratio: {type: number}\n"
                             "  fast: {type: boolean}\n"
                             "  tier: {type: string}\n";

static const struct recipe *read(struct arena *a, const char *parameters,
                                 struct diags *ds)
{
	struct str text =
	        str_format(a, "%sparameters:\n%s", before, parameters);
	struct source *file = source_new(a, STR("policy/recipe.yaml"), text);
	*ds = diags_new(a);
	struct policy *p = policy_read(a, &file, 1, ds);
	return policy_recipe(p, STR("rolling"));
}

/* STR is no constant. */
#define TEXT(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

static const struct deployment rolled = {
        .number = 2419,
        .token = TEXT("dxcp-0123456789abcdef"),
        .service = TEXT("checkout"),
        .environment = TEXT("prod"),
        .version = TEXT("1.4.2"),
        .previous_version = TEXT("1.4.1"),
        .group = TEXT("payments"),
        .recipe = TEXT("rolling"),
        .kind = KIND_ROLLBACK,
        .rollback_of = 2418,
        .source_environment = TEXT("staging"),
        .summary = TEXT("Fix \"rounding\" {{token}}"),
        .ticket = TEXT("PAY-42"),
        .actor_email = TEXT("bo@example.com"),
        .intent_path = TEXT("intents/checkout/1.yaml"),
};
static const struct deployment bare = {
        .token = TEXT("dxcp-1"),
        .service = TEXT("checkout"),
        .environment = TEXT("prod"),
        .version = TEXT("1.4.2"),
};
static const struct build image = {
        .artifact = TEXT("oci://ghcr.io/acme/checkout:1.4.2"),
        .sha256 = TEXT("AB12"),
        .commit = TEXT("c0ffee1234567890"),
        .branch = TEXT("feature/VAT Rounding--2"),
};
static const struct build archive = {
        .artifact = TEXT("s3://acme-builds/checkout/a.zip"),
        .commit = TEXT("c0ffee"),
        .branch = TEXT("main"),
};

/* One parameter, p, of the whole order, or of one that has little. */
static const struct {
	const char *name, *yaml, *whole, *little;
} values[] = {
        {"a name", "{{version}}", "1.4.2", "1.4.2"},
        {"blanks", "{{  version\t}}", "1.4.2", "1.4.2"},
        {"text around", "a{{version}}b{{ service }}c", "a1.4.2bcheckoutc",
         "a1.4.2bcheckoutc"},
        {"no text between", "{{service}}{{version}}", "checkout1.4.2",
         "checkout1.4.2"},
        {"who and where",
         "{{environment}} {{group}} {{recipe}} {{revision}} {{actor}}",
         "prod payments rolling 3 bo@example.com", "prod  rolling 3 "},
        {"what", "{{kind}} {{number}} {{rollback_of}} {{previous_version}}",
         "ROLLBACK 2419 2418 1.4.1", "ROLL_FORWARD   "},
        {"whence", "{{source_environment}} {{intent}} {{token}} {{ticket}}",
         "staging intents/checkout/1.yaml dxcp-0123456789abcdef PAY-42",
         "  dxcp-1 "},
        {"the artifact", "{{artifact}}", "oci://ghcr.io/acme/checkout:1.4.2",
         "s3://acme-builds/checkout/a.zip"},
        {"its parts",
         "{{artifact.scheme}} {{artifact.host}} {{artifact.path}} "
         "{{artifact.name}}",
         "oci ghcr.io acme/checkout checkout",
         "s3 acme-builds checkout/a.zip a.zip"},
        {"a digest from the build's sha256", "{{artifact.digest}}",
         "sha256:ab12", NULL},
        {"a tag", "{{artifact.tag}}", "1.4.2", NULL},
        {"a bucket", "{{artifact.bucket}}", NULL, "acme-builds"},
        {"the build's sha256", "{{sha256}}", "AB12", NULL},
        {"commit and branch", "{{commit}} {{branch}}",
         "c0ffee1234567890 feature/VAT Rounding--2", "c0ffee main"},
        /* functions */
        {"lower", "{{lower kind}}", "rollback", "roll_forward"},
        {"upper", "{{upper service}}", "CHECKOUT", "CHECKOUT"},
        {"slug", "{{slug branch}}", "feature-vat-rounding-2", "main"},
        {"slug of signs", "<{{slug \"--\"}}>", "<>", "<>"},
        {"trim", "<{{trim \"  a b \"}}>", "<a b>", "<a b>"},
        {"short", "{{short commit}}", "c0ffee1", "c0ffee"},
        {"short of a length", "{{short 3 commit}}", "c0f", "c0f"},
        {"short counts characters", "{{short 2 \"äöü\"}}", "äö", "äö"},
        {"replace", "{{replace \".\" \"_\" version}}", "1_4_2", "1_4_2"},
        {"replace by nothing", "{{replace \".\" \"\" version}}", "142", "142"},
        {"default is not needed", "{{default \"none\" ticket}}", "PAY-42",
         "none"},
        {"default of a name", "{{default version artifact.tag}}", "1.4.2",
         "1.4.2"},
        {"default of nothing", "<{{default \"\" ticket}}>", "<PAY-42>", "<>"},
        {"json", "{\"s\":{{json summary}}}",
         "{\"s\":\"Fix \\\"rounding\\\" {{token}}\"}", "{\"s\":\"\"}"},
        {"url", "{{url branch}}", "feature%2FVAT%20Rounding--2", "main"},
        {"pipes", "{{ branch | slug | short 4 | upper }}", "FEAT", "MAIN"},
        {"a call, then pipes", "{{lower kind | replace \"_\" \"-\"}}",
         "rollback", "roll-forward"},
        {"a missing one goes through",
         "{{artifact.tag | upper | default "
         "\"latest\"}}",
         "1.4.2", "latest"},
        {"numbers are texts", "{{42}}", "42", "42"},
        /* braces */
        {"two braces", "{{\"{{\"}}version{{'}}'}}", "{{version}}",
         "{{version}}"},
        {"JSON closes its braces", "{\"a\":{\"b\":{{json version}}}}",
         "{\"a\":{\"b\":\"1.4.2\"}}", "{\"a\":{\"b\":\"1.4.2\"}}"},
        {"the engine's own expressions", "${trigger['x']}", "${trigger['x']}",
         "${trigger['x']}"},
        {"what is filled in is not read again", "{{summary}}",
         "Fix \"rounding\" {{token}}", ""},
        /* params */
        {"what the intent sets", "{{params.tier}}", "{{token}}", ""},
        {"else the recipe's own", "{{params.replicas}}", "4", "2"},
        {"else a default", "{{params.fast | default \"no\"}}", "no", "no"},
        {"its own name is what the intent sets",
         "{{default \"x\" params.ratio}}", "x", "x"},
};

static struct request_param *param(struct arena *a, const char *name,
                                   const char *value, bool plain,
                                   struct request_param *next)
{
	struct request_param *p = ARENA_NEW(a, struct request_param);
	*p = (struct request_param){
	        next, str_of(name), str_of(value), {0}, plain};
	return p;
}

/* As a YAML text in single quotes. */
static struct str quote(struct arena *a, const char *s)
{
	struct buf out = buf_new(a, 1 << 16);
	buf_add_char(&out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_add_char(&out, '\'');
		buf_add_char(&out, *s);
	}
	buf_add_char(&out, '\'');
	return buf_str(&out);
}

static void is_value(struct arena *a, const struct expansion_order *order,
                     const char *want, const char *name)
{
	struct expansion e = {0};
	struct expansion_problem p = expansion_of(&e, a, order);
	const struct expanded *v = expansion_find(&e, STR("p"));
	if (!want) {
		is_int(p.fault, EXPANSION_NO_VALUE, "%s: none", name);
		is_int(expansion_check(a, order).fault, EXPANSION_NO_VALUE,
		       "%s: seen before", name);
		return;
	}
	is_str(v ? v->value : p.text, want, "%s", name);
	is_int(expansion_check(a, order).fault, EXPANSION_FINE,
	       "%s: fine before", name);
}

static void test_values(struct arena *a)
{
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct diags ds;
		const struct recipe *r =
		        read(a,
		             str_format(a, "  p: %" STR_FMT "\n  replicas: 2\n",
		                        STR_ARG(quote(a, values[i].yaml)))
		                     .s,
		             &ds);
		is_int((int64_t)ds.errors, 0, "%s: no findings",
		       values[i].name);
		struct expansion_order whole = {
		        r, &rolled, &image,
		        param(a, "replicas", "4", true,
		              param(a, "tier", "{{token}}", false, NULL))};
		struct expansion_order little = {r, &bare, &archive, NULL};
		is_value(a, &whole, values[i].whole, values[i].name);
		is_value(a, &little, values[i].little, values[i].name);
	}
}

static void is_json(struct arena *a, const struct expansion_order *order,
                    const char *want, const char *name)
{
	struct expansion e = {0};
	struct buf out = buf_new(a, 1 << 16);
	struct jw j = jw_new(&out);
	expansion_of(&e, a, order);
	expansion_json(&j, a, &e);
	is_str(buf_str(&out), want, "%s", name);
}

static void test_types(struct arena *a)
{
	struct diags ds;
	const struct recipe *r =
	        read(a,
	             "  z: 3\n  b: true\n  f: -1.50\n  s: \"3\"\n  t: 007\n"
	             "  u: 1e3\n  v: yes\n  w: 0\n  x: +1\n  y: 1.\n"
	             "  replicas: 2\n  o: 0x1f\n"
	             "  l: 123456789012345678901234567890123\n",
	             &ds);
	struct expansion_order order = {r, &bare, NULL, NULL};
	is_json(a, &order,
	        "{\"z\":3,\"b\":true,\"f\":-1.50,\"s\":\"3\",\"t\":\"007\","
	        "\"u\":\"1e3\",\"v\":\"yes\",\"w\":0,\"x\":\"+1\",\"y\":\"1.\","
	        "\"replicas\":2,\"o\":\"0x1f\","
	        "\"l\":\"123456789012345678901234567890123\"}",
	        "the recipe's order, numbers as such");
	order.params =
	        param(a, "tier", "3", true,
	              param(a, "unknown", "1", true,
	                    param(a, "ratio", "0.5", true,
	                          param(a, "replicas", "007", true, NULL))));
	is_json(a, &order,
	        "{\"z\":3,\"b\":true,\"f\":-1.50,\"s\":\"3\",\"t\":\"007\","
	        "\"u\":\"1e3\",\"v\":\"yes\",\"w\":0,\"x\":\"+1\",\"y\":\"1.\","
	        "\"replicas\":\"007\",\"o\":\"0x1f\","
	        "\"l\":\"123456789012345678901234567890123\","
	        "\"ratio\":0.5,\"tier\":\"3\"}",
	        "what the intent sets, by its declared type");
	order.recipe = NULL;
	is_json(a, &order, "{}", "no recipe, no parameters");
}

static void test_problems(struct arena *a)
{
	struct diags ds;
	const struct recipe *r =
	        read(a, "  tag: \"{{params.tier}}{{artifact.tag}}\"\n", &ds);
	struct expansion_order order = {r, &bare, NULL, NULL};
	struct expansion e = {.n = 7};
	struct expansion_problem p = expansion_of(&e, a, &order);
	is_int(p.fault, EXPANSION_NO_BUILD, "no build registered");
	is_str(p.text,
	       "the parameter tag of the recipe rolling asks for the "
	       "artifact.tag, and no build registered checkout 1.4.2",
	       "what it says");
	is_int(location_of(p.where).line, 17, "the line");
	is_int(location_of(p.where).column, 26, "the column");
	is_int((int64_t)e.n, 7, "nothing is given out");
	order.build = &archive;
	is_str(expansion_of(&e, a, &order).text,
	       "the parameter tag of the recipe rolling asks for the "
	       "artifact.tag, which the build of checkout 1.4.2 does not have "
	       "(artifact s3://acme-builds/checkout/a.zip)",
	       "of another kind of artifact");
	order.build = NULL;
	r = read(a, "  replicas: \"{{artifact}}\"\n", &ds);
	order.recipe = r;
	order.params = param(a, "replicas", "3", true, NULL);
	is_int(expansion_of(&e, a, &order).fault, EXPANSION_FINE,
	       "what the intent sets needs no build");
	is_int(expansion_check(a, &order).fault, EXPANSION_FINE, "nor before");
}

static void test_length(struct arena *a)
{
	struct diags ds;
	struct expansion e = {0};
	const struct recipe *r = read(
	        a,
	        "  p: \"{{ticket}}\"\n  q: \"{{replace 'x' 'yy' ticket}}\"\n",
	        &ds);
	struct deployment d = bare;
	d.ticket = str_format(a, "%0*d", EXPANSION_VALUE_MAX, 0);
	struct expansion_order order = {r, &d, NULL, NULL};
	is_int(expansion_of(&e, a, &order).fault, EXPANSION_FINE,
	       "a value of the most bytes");
	d.ticket = str_format(a, "%0*d", EXPANSION_VALUE_MAX + 1, 0);
	is_int(expansion_of(&e, a, &order).fault, EXPANSION_TOO_LONG,
	       "of one more");
	d.ticket = str_format(a, "%0*d", EXPANSION_VALUE_MAX - 1, 0);
	((char *)d.ticket.s)[0] = 'x';
	is_int(expansion_of(&e, a, &order).fault, EXPANSION_FINE,
	       "a function makes the most bytes");
	d.ticket.n++;
	struct expansion_problem p = expansion_of(&e, a, &order);
	is_int(p.fault, EXPANSION_TOO_LONG, "and one more");
	is_str(p.text, "the parameter q of the recipe rolling becomes too long",
	       "which it says");
}

/*
 * Findings.
 */

static const struct {
	const char *name, *yaml, *want, *hint;
} wrong[] = {
        {"an unknown name", "  p: \"a {{verison}}\"\n",
         "INVALID_TEMPLATE <verison>", "Did you mean \"version\"?"},
        {"as other templates have it", "  p: \"{{ .version }}\"\n",
         "INVALID_TEMPLATE <.version>", "Did you mean \"version\"?"},
        {"an unknown part", "  p: \"{{artifact.tags}}\"\n",
         "INVALID_TEMPLATE <artifact.tags>", "Did you mean \"artifact.tag\"?"},
        {"nothing like it", "  p: \"{{zzzzzzzz}}\"\n",
         "INVALID_TEMPLATE <zzzzzzzz>", NULL},
        {"an unknown function", "  p: \"{{lowr version}}\"\n",
         "INVALID_TEMPLATE <lowr>", "Did you mean \"lower\"?"},
        {"an unknown function behind a pipe", "  p: \"{{version | slugg}}\"\n",
         "INVALID_TEMPLATE <slugg>", "Did you mean \"slug\"?"},
        {"the environment is not asked", "  p: \"{{env \\\"HOME\\\"}}\"\n",
         "INVALID_TEMPLATE <env>", NULL},
        {"all of them", "  p: \"{{a}} {{b}}\"\n  q: \"{{c}}\"\n",
         "INVALID_TEMPLATE <a>, INVALID_TEMPLATE <b>, INVALID_TEMPLATE <c>",
         NULL},
        {"no end", "  p: \"x {{version\"\n", "INVALID_TEMPLATE <{{>", NULL},
        {"half an end", "  p: \"x {{version} y\"\n", "INVALID_TEMPLATE <}>",
         NULL},
        {"half an end, then another", "  p: \"{{version} {{service}}\"\n",
         "INVALID_TEMPLATE <}>", NULL},
        {"three braces", "  p: \"{{{version}}}\"\n", "INVALID_TEMPLATE <{>",
         NULL},
        {"no beginning", "  p: \"version}} {{b}}\"\n",
         "INVALID_TEMPLATE <}}>, INVALID_TEMPLATE <b>", NULL},
        {"half a beginning", "  p: \"{version}}\"\n", "INVALID_TEMPLATE <}}>",
         NULL},
        {"empty", "  p: \"{{}}\"\n", "INVALID_TEMPLATE <{{}}>", NULL},
        {"blank", "  p: \"{{  }}\"\n", "INVALID_TEMPLATE <{{  }}>", NULL},
        {"two values", "  p: \"{{version service}}\"\n",
         "INVALID_TEMPLATE <version>", NULL},
        {"two texts", "  p: \"{{'a' 'b'}}\"\n", "INVALID_TEMPLATE <'b'>", NULL},
        {"a function without value", "  p: \"{{lower}}\"\n",
         "INVALID_TEMPLATE <lower>", NULL},
        {"a pipe to nowhere", "  p: \"{{version | }}\"\n",
         "INVALID_TEMPLATE <}}>", NULL},
        {"a pipe from nowhere", "  p: \"{{ | lower }}\"\n",
         "INVALID_TEMPLATE <|>", NULL},
        {"a pipe to a text", "  p: \"{{ version | 'x' }}\"\n",
         "INVALID_TEMPLATE <'x'>", NULL},
        {"too many arguments", "  p: \"{{lower 1 version}}\"\n",
         "INVALID_TEMPLATE <lower>", NULL},
        {"far too many", "  p: \"{{lower 1 2 3 4 5}}\"\n",
         "INVALID_TEMPLATE <5>", NULL},
        {"too few", "  p: \"{{replace 'a' version}}\"\n",
         "INVALID_TEMPLATE <replace>", NULL},
        {"short of a text", "  p: \"{{short 'a' version}}\"\n",
         "INVALID_TEMPLATE <'a'>", NULL},
        {"short of nothing", "  p: \"{{short 0 version}}\"\n",
         "INVALID_TEMPLATE <0>", NULL},
        {"no number", "  p: \"{{short 3x version}}\"\n",
         "INVALID_TEMPLATE <3x>", NULL},
        {"too large a number", "  p: \"{{short 9999999999 version}}\"\n",
         "INVALID_TEMPLATE <9999999999>", NULL},
        {"replace nothing", "  p: \"{{replace '' 'x' version}}\"\n",
         "INVALID_TEMPLATE <''>", NULL},
        {"replace a name", "  p: \"{{replace version 'x' version}}\"\n",
         "INVALID_TEMPLATE <version>", NULL},
        {"quotes without end", "  p: \"{{lower 'a}}\"\n",
         "INVALID_TEMPLATE <'>", NULL},
        {"other signs", "  p: \"{{version; service}}\"\n",
         "INVALID_TEMPLATE <;>", NULL},
        {"a minus", "  p: \"{{- version }}\"\n", "INVALID_TEMPLATE <->", NULL},
        {"a character of two bytes", "  p: \"{{ä}}\"\n", "INVALID_TEMPLATE <ä>",
         NULL},
        {"nine functions",
         "  p: \"{{lower version|trim|trim|trim|trim|trim|trim|trim|slug}}\"\n",
         "INVALID_TEMPLATE <slug>", NULL},
        {"eight",
         "  p: \"{{lower version|trim|trim|trim|trim|trim|trim|"
         "trim}}\"\n",
         "", NULL},
        /* params */
        {"not overridable", "  p: \"{{params.replica}}\"\n",
         "INVALID_TEMPLATE <params.replica>",
         "Did you mean \"params.replicas\"?"},
        {"a parameter that is not overridable",
         "  size: 3\n  p: \"{{params.size}}\"\n",
         "INVALID_TEMPLATE <params.size>", NULL},
        {"in a default", "  p: \"{{default params.x version}}\"\n",
         "INVALID_TEMPLATE <params.x>", NULL},
        {"no name after the dot", "  p: \"{{params.}}\"\n",
         "INVALID_TEMPLATE <params.>", NULL},
        {"params of params",
         "  tier: \"{{params.ratio}}\"\n  p: \"{{params.tier}}\"\n",
         "INVALID_TEMPLATE <params.tier>", NULL},
        {"of itself", "  tier: \"{{default 'a' params.tier}}\"\n", "", NULL},
        /* places, however it is written */
        {"without quotes", "  p: a {{verison}} b\n",
         "INVALID_TEMPLATE <verison>", NULL},
        {"in single quotes", "  p: 'it''s {{verison}}'\n",
         "INVALID_TEMPLATE <verison>", NULL},
        {"behind escapes",
         "  p: \"\\\"\\u00e9\\x41\\U0001F600\\t{{ default \\\"a\\\" b }}\"\n",
         "INVALID_TEMPLATE <b>", NULL},
        {"in a block", "  p: |-\n    one\n      two {{verison}}\n",
         "INVALID_TEMPLATE <verison>", NULL},
        {"in a folded block", "  p: >\n    one\n    two {{verison}}\n",
         "INVALID_TEMPLATE <verison>", NULL},
        {"over several lines",
         "  p: \"one  \n    two\n\n    three \\\n    {{verison}}\"\n",
         "INVALID_TEMPLATE <verison>", NULL},
        {"with an anchor, and by its alias",
         "  p: &x \"{{verison}}\"\n  q: *x\n",
         "INVALID_TEMPLATE <verison>, INVALID_TEMPLATE <*x>", NULL},
        /* secrets */
        {"a secret's form",
         "  p: \"x AKIA"
         "IOSFODNN7EXAMPLE\"\n",
         "SECRET_IN_POLICY <AKIA"
         "IOSFODNN7EXAMPLE>",
         NULL},
        {"in a default",
         "  p: \"{{default 'AKIA"
         "IOSFODNN7EXAMPLE' "
         "ticket}}\"\n",
         "SECRET_IN_POLICY <AKIA"
         "IOSFODNN7EXAMPLE>",
         NULL},
        {"a password in an address", "  p: \"https://u:hunter2@h/\"\n",
         "SECRET_IN_POLICY <hunter2>", NULL},
        {"a secret's name", "  dbPassword: hunter2\n",
         "SECRET_IN_POLICY <hunter2>", NULL},
        {"a number can be one", "  password: 12345\n",
         "SECRET_IN_POLICY <12345>", NULL},
        {"where it is kept", "  password: vault:kv/db\n", "", NULL},
        {"whether there is one", "  password: true\n", "", NULL},
        {"our own token", "  token: \"{{token}}\"\n", "", NULL},
};

static void test_wrong(struct arena *a)
{
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct diags ds;
		read(a, wrong[i].yaml, &ds);
		is_str(found(a, &ds), wrong[i].want, "%s", wrong[i].name);
		if (wrong[i].hint)
			is_str(ds.n ? ds.at[0].hint : STR(""), wrong[i].hint,
			       "%s: the hint", wrong[i].name);
	}
}

static void test_parts_limit(struct arena *a)
{
	struct diags ds;
	struct buf out = buf_new(a, 1 << 16);
	buf_add(&out, STR("  p: \""));
	for (int i = 0; i < PARAMETER_PARTS_MAX; i++)
		buf_add(&out, STR("{{version}}"));
	struct str most =
	        str_format(a, "%" STR_FMT "\"\n", STR_ARG(buf_str(&out)));
	read(a, most.s, &ds);
	is_int((int64_t)ds.n, 0, "as many parts as may be");
	struct str more =
	        str_format(a, "%" STR_FMT "x\"\n", STR_ARG(buf_str(&out)));
	read(a, more.s, &ds);
	is_int((int64_t)ds.n, 1, "one more is one finding");
}

static void is_told(struct arena *a, struct str page,
                    const struct parameter_word *word)
{
	const char *told = word->usage ? word->usage : word->word;
	ok(str_contains(page, str_format(a, "`%s`", told)),
	   "the guide tells of %s", told);
}

static void test_guide(struct arena *a)
{
	struct str page = STR("");
	struct fail why = {0};
	ok(file_read(&page, a, "site/guide/recipes.md", 1 << 20, &why),
	   "there is a page of the guide");
	for (size_t i = 0; i < PARAMETER_NAME_COUNT; i++)
		is_told(a, page, &parameter_words[i]);
	for (size_t i = 0; i < PARAMETER_FUNCTION_COUNT; i++)
		is_told(a, page, &parameter_functions[i]);
}

int main(void)
{
	struct arena *a = arena_new();
	test_guide(a);
	test_values(a);
	test_types(a);
	test_problems(a);
	test_length(a);
	test_wrong(a);
	test_parts_limit(a);
	arena_free(a);
	return tap_done();
}
