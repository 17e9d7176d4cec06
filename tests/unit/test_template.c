/*
 * The template language against the rules of the Mustache specification,
 * over JSON data, in the words and data of this project. The fields of
 * structs and template_check are tested in test_fields.c.
 */
#include "core/json.h"
#include "render/html.h"
#include "render/template.h"
#include "tests/lib/tap.h"

#include <inttypes.h>

/* Values over jansson's: true is all but null, false and the empty list. */

static const struct value_type json_value_type;

static struct value json_value_of(const json_t *json)
{
	return (struct value){&json_value_type, json, NULL};
}

static bool json_member(struct value *out, struct value of, struct str name)
{
	const json_t *v = json_object_getn(of.at, name.s, name.n);
	if (v)
		*out = json_value_of(v);
	return v != NULL;
}

static bool json_truth(struct value v)
{
	return !json_is_null((const json_t *)v.at) &&
	       !json_is_false((const json_t *)v.at);
}

static bool json_length(struct value v, size_t *n)
{
	*n = json_array_size(v.at);
	return json_is_array((const json_t *)v.at);
}

static struct value json_item(struct value v, size_t i)
{
	return json_value_of(json_array_get(v.at, i));
}

static void json_print(struct buf *out, struct value v, bool raw)
{
	const json_t *json = v.at;
	struct str text = {json_string_value(json), json_string_length(json)};
	if (json_is_integer(json))
		buf_format(out, "%" PRId64, (int64_t)json_integer_value(json));
	else if (json_is_real(json))
		buf_format(out, "%g", json_real_value(json));
	else if (json_is_boolean(json))
		buf_add(out, str_of(json_is_true(json) ? "true" : "false"));
	else if (raw)
		buf_add(out, text);
	else
		html_text(out, text);
}

static const struct value_type json_value_type = {
        .member = json_member,
        .truth = json_truth,
        .length = json_length,
        .item = json_item,
        .print = json_print,
};

struct example {
	const char *name, *template, *data, *want;
	const char *partials; /* JSON: name -> template; NULL: none */
};

/* clang-format off */
static const struct example examples[] = {

/* Interpolation */
{"text without tags stays as it is", "Fine. {Braces}\n\tand } more {\n", "{}", "Fine. {Braces}\n\tand } more {\n", NULL},
{"an empty template gives nothing", "", "{}", "", NULL},
{"a variable gives its value", "to {{env}}!", "{\"env\":\"prod\"}", "to prod!", NULL},
{"two variables side by side", "{{a}}{{b}}{{a}}", "{\"a\":\"1\",\"b\":\"2\"}", "121", NULL},
{"a variable is escaped", "{{x}}", "{\"x\":\"<b> & \\\"q\\\"\"}", "&lt;b&gt; &amp; &quot;q&quot;", NULL},
{"a variable is not read again as a template", "{{x}}", "{\"x\":\"{{y}}\",\"y\":\"no\"}", "{{y}}", NULL},
{"three braces do not escape", "{{{x}}}", "{\"x\":\"<b> & \\\"q\\\"\"}", "<b> & \"q\"", NULL},
{"an ampersand does not escape", "{{&x}}", "{\"x\":\"<b> & \\\"q\\\"\"}", "<b> & \"q\"", NULL},
{"an integer", "{{n}} of {{m}}", "{\"n\":3,\"m\":-40}", "3 of -40", NULL},
{"an integer raw", "{{{n}}} {{&n}}", "{\"n\":85}", "85 85", NULL},
{"a number with a fraction", "{{n}} {{{n}}} {{&n}}", "{\"n\":2.5}", "2.5 2.5 2.5", NULL},
{"null gives nothing", "({{x}})({{{x}}})({{&x}})", "{\"x\":null}", "()()()", NULL},
{"a name that is not there gives nothing", "({{x}})({{{x}}})({{&x}})", "{}", "()()()", NULL},
{"a dotted name goes into structs", "{{a.b}}=={{#a}}{{b}}{{/a}}", "{\"a\":{\"b\":\"v\"}}", "v==v", NULL},
{"a dotted name raw", "{{{a.b}}} {{&a.b}}", "{\"a\":{\"b\":\"<\"}}", "< <", NULL},
{"a dotted name of five parts", "{{a.b.c.d.e}}", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":\"deep\"}}}}}", "deep", NULL},
{"a dotted name that breaks off gives nothing", "({{a.b.c}})", "{\"a\":{}}", "()", NULL},
{"what follows a broken part is not looked for outside", "({{a.b.c}})", "{\"a\":{\"b\":{}},\"c\":{\"c\":\"no\"}}", "()", NULL},
{"the first part of a dotted name is looked for outwards", "{{#s}}{{a.b.c}}{{/s}}", "{\"a\":{\"b\":{\"c\":\"yes\"}},\"s\":{\"b\":{\"c\":\"no\"}}}", "yes", NULL},
{"the nearest first part wins even if the rest fails there", "{{#a}}({{b.c}}){{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"no\"}}", "()", NULL},
{"a dotted name is not a key with a dot", "({{a.b}})", "{\"a.b\":\"no\"}", "()", NULL},
{"a dotted name does not go into a text", "({{a.b}})", "{\"a\":\"text\"}", "()", NULL},
{"the implicit iterator at the top", "on {{.}}", "\"prod\"", "on prod", NULL},
{"the implicit iterator escapes", "{{.}}", "\"& < > \\\"\"", "&amp; &lt; &gt; &quot;", NULL},
{"the implicit iterator raw", "{{{.}}}{{&.}}", "\"&<\"", "&<&<", NULL},
{"the implicit iterator prints a number", "{{.}}", "7", "7", NULL},
{"space around a variable stays", "| {{x}} |", "{\"x\":\"-\"}", "| - |", NULL},
{"space around a raw variable stays", "| {{{x}}} {{&x}} |", "{\"x\":\"-\"}", "| - - |", NULL},
{"a variable alone on its line keeps the line", "  {{x}}\n", "{\"x\":\"-\"}", "  -\n", NULL},
{"a raw variable alone on its line keeps the line", "  {{{x}}}\n  {{&x}}\n", "{\"x\":\"-\"}", "  -\n  -\n", NULL},
{"space inside a variable tag does not count", "{{ x }}{{\tx\n}}", "{\"x\":\"-\"}", "--", NULL},
{"space inside a raw variable tag does not count", "{{{ x }}}{{& x }}", "{\"x\":\"-\"}", "--", NULL},
{"text that is not ASCII", "Zürich → {{x}}", "{\"x\":\"東京\"}", "Zürich → 東京", NULL},
{"a brace may stand next to a tag", "{{{x}}}}{ {{x}}}", "{\"x\":\"v\"}", "v}{ v}", NULL},

/* Sections */
{"a section is shown for true", "{{#on}}shown{{/on}}", "{\"on\":true}", "shown", NULL},
{"a section is not shown for false", "({{#on}}shown{{/on}})", "{\"on\":false}", "()", NULL},
{"a section is not shown for null", "({{#on}}shown{{/on}})", "{\"on\":null}", "()", NULL},
{"a section is not shown for a name that is not there", "({{#on}}shown{{/on}})", "{}", "()", NULL},
{"a struct becomes the context", "{{#build}}by {{ci}}{{/build}}", "{\"build\":{\"ci\":\"bob\"}}", "by bob", NULL},
{"names are looked for outwards", "{{#s}}{{a}} {{b}}{{/s}}", "{\"a\":\"out\",\"b\":\"out\",\"s\":{\"b\":\"in\"}}", "out in", NULL},
{"a text as section becomes the context", "{{#s}}{{.}}!{{x}}{{/s}}", "{\"s\":\"a\",\"x\":\"y\"}", "a!y", NULL},
{"contexts pile up", "{{#a}}{{1}}{{#b}}{{1}}{{2}}{{#c}}{{1}}{{2}}{{3}}{{/c}}{{1}}{{2}}{{/b}}{{1}}{{/a}}", "{\"a\":{\"1\":1},\"b\":{\"2\":2},\"c\":{\"3\":3}}", "11212312" "1", NULL},
{"a member hides the same name outside, down to its own section", "{{#a}}{{n}}{{#b}}{{n}}{{#c}}{{n}}{{/c}}{{/b}}{{n}}{{/a}}", "{\"n\":0,\"a\":{\"n\":1,\"b\":{\"n\":2,\"c\":{}}}}", "1221", NULL},
{"a list repeats", "{{#l}}{{v}},{{/l}}", "{\"l\":[{\"v\":1},{\"v\":2},{\"v\":3}]}", "1,2,3,", NULL},
{"an empty list shows nothing", "({{#l}}x{{/l}})", "{\"l\":[]}", "()", NULL},
{"a list of lists of structs", "{{#tops}}{{#middles}}{{top}}.{{mid}}{{#bottoms}}{{top}}{{mid}}{{low}};{{/bottoms}}{{/middles}}{{/tops}}", "{\"tops\":[{\"top\":\"A\",\"middles\":[{\"mid\":1,\"bottoms\":[{\"low\":\"x\"},{\"low\":\"y\"}]}]}]}", "A.1A1x;A1y;", NULL},
{"an item sees the context of its list", "{{#l}}{{v}}{{u}} {{/l}}", "{\"u\":\"s\",\"l\":[{\"v\":1},{\"v\":2,\"u\":\"m\"}]}", "1s 2m ", NULL},
{"one section twice", "{{#on}}1{{/on}} {{x}} {{#on}}2{{/on}}", "{\"on\":true,\"x\":\"&\"}", "1 &amp; 2", NULL},
{"a section in itself, true", "<{{#on}}A {{#on}}B{{/on}} C{{/on}}>", "{\"on\":true}", "<A B C>", NULL},
{"a section in itself, false", "<{{#on}}A {{#on}}B{{/on}} C{{/on}}>", "{\"on\":false}", "<>", NULL},
{"the implicit iterator over texts", "{{#l}}({{.}}){{/l}}", "{\"l\":[\"a\",\"b\",\"&\"]}", "(a)(b)(&amp;)", NULL},
{"the implicit iterator over numbers", "{{#l}}({{.}}){{/l}}", "{\"l\":[1,2.25,-3]}", "(1)(2.25)(-3)", NULL},
{"the implicit iterator raw in a list", "{{#l}}{{{.}}}{{&.}}{{/l}}", "{\"l\":[\"<\",\"&\"]}", "<<&&", NULL},
{"the implicit iterator over lists", "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "{\"l\":[[1,2],[\"a\"],[]]}", "(12)(a)()", NULL},
{"the implicit iterator over structs", "{{#l}}{{#.}}{{v}}{{/.}};{{/l}}", "{\"l\":[{\"v\":1},{\"v\":2}]}", "1;2;", NULL},
{"a list as the whole context", "{{#.}}{{v}};{{/.}}", "[{\"v\":\"a\"},{\"v\":\"b\"}]", "a;b;", NULL},
{"a dotted section, true", "{{#a.b}}yes{{/a.b}}", "{\"a\":{\"b\":true}}", "yes", NULL},
{"a dotted section, false", "({{#a.b}}yes{{/a.b}})", "{\"a\":{\"b\":false}}", "()", NULL},
{"a dotted section that breaks off", "({{#a.b.c}}yes{{/a.b.c}})", "{\"a\":{}}", "()", NULL},
{"a dotted section gives its struct as the context", "{{#a.b}}{{c}}{{/a.b}}", "{\"a\":{\"b\":{\"c\":5}}}", "5", NULL},
{"space around a section stays", " | {{#on}}\t|\t{{/on}} | \n", "{\"on\":true}", " | \t|\t | \n", NULL},
{"space inside a section stays", " | {{#on}} {{! x }}\n {{/on}} | \n", "{\"on\":true}", " |  \n  | \n", NULL},
{"sections in one line keep it", " {{#on}}A{{/on}}\n {{#on}}B{{/on}}\n", "{\"on\":true}", " A\n B\n", NULL},
{"section tags alone on their lines take them away", "| a\n{{#on}}\n|\n{{/on}}\n| b\n", "{\"on\":true}", "| a\n|\n| b\n", NULL},
{"indented section tags take their lines away", "| a\n  {{#on}}\n|\n\t{{/on}}  \n| b\n", "{\"on\":true}", "| a\n|\n| b\n", NULL},
{"lines that end with CR LF", "|\r\n{{#on}}\r\n{{/on}}\r\n|", "{\"on\":true}", "|\r\n|", NULL},
{"a section tag alone on the first line", "  {{#on}}\n#{{/on}}\n/", "{\"on\":true}", "#\n/", NULL},
{"a section tag alone on the last line, without line end", "#{{#on}}\n/\n  {{/on}}", "{\"on\":true}", "#\n/\n", NULL},
{"two tags in a line are not alone", "{{#on}}{{/on}}\n|", "{\"on\":true}", "\n|", NULL},
{"a lone CR is not a line end", "|\r{{#on}}\r{{/on}}\n", "{\"on\":true}", "|\r\r\n", NULL},
{"a list of lines has no gaps", "<ul>\n  {{#l}}\n  <li>{{.}}</li>\n  {{/l}}\n</ul>\n", "{\"l\":[1,2]}", "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>\n", NULL},
{"space in section tags does not count", "|{{# on }}={{/\ton\n}}|", "{\"on\":true}", "|=|", NULL},

/* Inverted sections */
{"an inverted section is shown for false", "{{^on}}off{{/on}}", "{\"on\":false}", "off", NULL},
{"an inverted section is not shown for true", "({{^on}}off{{/on}})", "{\"on\":true}", "()", NULL},
{"an inverted section is shown for null", "{{^on}}off{{/on}}", "{\"on\":null}", "off", NULL},
{"an inverted section is not shown for a struct", "({{^s}}off{{/s}})", "{\"s\":{\"n\":1}}", "()", NULL},
{"an inverted section is not shown for a list with items", "({{^l}}none{{/l}})", "{\"l\":[{\"n\":1}]}", "()", NULL},
{"an inverted section is shown for an empty list", "{{^l}}none{{/l}}", "{\"l\":[]}", "none", NULL},
{"an inverted section is shown for a name that is not there", "{{^x}}none{{/x}}", "{}", "none", NULL},
{"an inverted section keeps the context", "{{#s}}{{^no}}{{v}}{{/no}}{{/s}}", "{\"v\":1,\"s\":{\"v\":2}}", "2", NULL},
{"one inverted section twice", "{{^on}}1{{/on}} {{x}} {{^on}}2{{/on}}", "{\"on\":false,\"x\":\"m\"}", "1 m 2", NULL},
{"an inverted section in itself, false", "<{{^on}}A {{^on}}B{{/on}} C{{/on}}>", "{\"on\":false}", "<A B C>", NULL},
{"an inverted section in itself, true", "<{{^on}}A {{^on}}B{{/on}} C{{/on}}>", "{\"on\":true}", "<>", NULL},
{"an inverted section in a section of the same name", "{{#on}}a{{^on}}b{{/on}}c{{/on}}", "{\"on\":true}", "ac", NULL},
{"a dotted inverted section, true", "({{^a.b}}no{{/a.b}})", "{\"a\":{\"b\":true}}", "()", NULL},
{"a dotted inverted section, false", "{{^a.b}}no{{/a.b}}", "{\"a\":{\"b\":false}}", "no", NULL},
{"a dotted inverted section that breaks off", "{{^a.b.c}}no{{/a.b.c}}", "{\"a\":{}}", "no", NULL},
{"space around an inverted section stays", " | {{^on}}\t|\t{{/on}} | \n", "{\"on\":false}", " | \t|\t | \n", NULL},
{"inverted tags alone on their lines take them away", "| a\n{{^on}}\n|\n {{/on}}\n| b\n", "{\"on\":false}", "| a\n|\n| b\n", NULL},
{"inverted tags and CR LF", "|\r\n{{^on}}\r\n{{/on}}\r\n|", "{\"on\":false}", "|\r\n|", NULL},
{"an inverted tag alone on the first line", "  {{^on}}\n^{{/on}}\n/", "{\"on\":false}", "^\n/", NULL},
{"an inverted tag alone on the last line", "^{{^on}}\n/\n  {{/on}}", "{\"on\":false}", "^\n/\n", NULL},
{"space in inverted tags does not count", "|{{^ on }}={{/ on }}|", "{\"on\":false}", "|=|", NULL},

/* Comments */
{"a comment is nothing", "12{{! not shown }}34", "{}", "1234", NULL},
{"a comment over several lines", "12{{!\n  not\n  shown\n}}34\n", "{}", "1234\n", NULL},
{"a comment with what looks like tags", "a{{! {{#x {{> y }}b", "{}", "ab", NULL},
{"a comment alone on its line takes it away", "a\n{{! c }}\nb\n", "{}", "a\nb\n", NULL},
{"an indented comment alone on its line", "a\n  {{! c }}  \nb\n", "{}", "a\nb\n", NULL},
{"a comment and CR LF", "|\r\n{{! c }}\r\n|", "{}", "|\r\n|", NULL},
{"a comment alone on the first line", "  {{! c }}\n!", "{}", "!", NULL},
{"a comment alone on the last line", "!\n  {{! c }}", "{}", "!\n", NULL},
{"a comment over several lines takes them all away", "a\n  {{!\n    c\n  }}\nb\n", "{}", "a\nb\n", NULL},
{"a comment after text keeps the line", "  12 {{! 34 }}\n", "{}", "  12 \n", NULL},
{"space around a comment stays", "12 {{! c }} 34", "{}", "12  34", NULL},
{"a comment that is not a variable", "({{! x }}|{{!x}}|{{!}})", "{\"! x\":1,\"!x\":2,\"x\":3}", "(||)", NULL},

/* Delimiters */
{"delimiters change", "{{=<% %>=}}(<%x%>)", "{\"x\":\"Hey\"}", "(Hey)", NULL},
{"the old delimiters are text then", "{{=<% %>=}}{{x}}<%x%>", "{\"x\":1}", "{{x}}1", NULL},
{"delimiters with a meaning in patterns", "({{=[ ]=}}[x])", "{\"x\":\"v\"}", "(v)", NULL},
{"one character on both sides", "{{=| |=}}|x|+|x|", "{\"x\":\"v\"}", "v+v", NULL},
{"delimiters change back", "{{=<% %>=}}<%x%><%={{ }}=%>{{x}}<%x%>", "{\"x\":1}", "11<%x%>", NULL},
{"delimiters change inside a section", "{{#s}}{{x}}|x|{{/s}}{{=| |=}}|#s|{{x}}|x||/s|", "{\"s\":true,\"x\":1}", "1|x|{{x}}1", NULL},
{"delimiters change inside an inverted section", "{{^s}}{{x}}|x|{{/s}}{{=| |=}}|^s|{{x}}|x||/s|", "{\"s\":false,\"x\":1}", "1|x|{{x}}1", NULL},
{"a partial does not inherit delimiters", "{{>p}}{{=| |=}}|>p|", "{\"x\":1}", "(1)(1)", "{\"p\":\"({{x}})\"}"},
{"a partial does not give its delimiters back", "{{>p}} {{x}}|x|", "{\"x\":1}", "1 1|x|", "{\"p\":\"{{=| |=}}|x|\"}"},
{"space around a delimiter tag stays", "| {{=@ @=}} |", "{}", "|  |", NULL},
{"a delimiter tag after text keeps the line", " | {{=@ @=}}\n", "{}", " | \n", NULL},
{"a delimiter tag alone on its line takes it away", "a\n{{=@ @=}}\nb\n", "{}", "a\nb\n", NULL},
{"an indented delimiter tag alone on its line", "a\n  {{=@ @=}} \nb\n", "{}", "a\nb\n", NULL},
{"a delimiter tag and CR LF", "|\r\n{{= @ @ =}}\r\n|", "{}", "|\r\n|", NULL},
{"a delimiter tag alone on the first line", "  {{=@ @=}}\n=", "{}", "=", NULL},
{"a delimiter tag alone on the last line", "=\n  {{=@ @=}}", "{}", "=\n", NULL},
{"space in a delimiter tag does not count", "|{{=  @\t@  =}}|", "{}", "||", NULL},
{"unescaped by ampersand with other delimiters", "{{=<% %>=}}<%&x%>", "{\"x\":\"<\"}", "<", NULL},
{"new delimiters do not end at half of them", "{{=<< >>=}}<<x>> > <<x>>", "{\"x\":1}", "1 > 1", NULL},

/* Partials */
{"a partial stands in its place", "\"{{>p}}\"", "{}", "\"from p\"", "{\"p\":\"from p\"}"},
{"a partial that is not there is nothing", "\"{{>p}}\"", "{}", "\"\"", "{}"},
{"a partial sees the context", "{{#s}}{{>p}}{{/s}}", "{\"x\":\"out\",\"s\":{\"x\":\"in\"}}", "*in*", "{\"p\":\"*{{x}}*\"}"},
{"a partial that uses itself ends with the data", "{{>tree}}", "{\"v\":\"X\",\"kids\":[{\"v\":\"Y\",\"kids\":[]},{\"v\":\"Z\",\"kids\":[]}]}", "X<Y<>Z<>>", "{\"tree\":\"{{v}}<{{#kids}}{{>tree}}{{/kids}}>\"}"},
{"a partial in a partial", "{{>a}}", "{\"x\":1}", "[(1)]", "{\"a\":\"[{{>b}}]\",\"b\":\"({{x}})\"}"},
{"space around a partial stays", "| {{>p}} |", "{}", "| \t|\t |", "{\"p\":\"\\t|\\t\"}"},
{"a partial after text is not indented", "  {{x}}  {{>p}}\n", "{\"x\":\"|\"}", "  |  >\n>\n", "{\"p\":\">\\n>\"}"},
{"a partial alone on its line and CR LF", "|\r\n{{>p}}\r\n|", "{}", "|\r\n>|", "{\"p\":\">\"}"},
{"a partial alone on the first line is indented", "  {{>p}}\n>", "{}", "  >\n  >>", "{\"p\":\">\\n>\"}"},
{"a partial alone on the last line is indented", ">\n  {{>p}}", "{}", ">\n  >\n  >", "{\"p\":\">\\n>\"}"},
{"values are not indented, lines of the partial are", "<\n {{>p}}\n>\n", "{\"x\":\"<\\n->\"}", "<\n |\n <\n->\n |\n>\n", "{\"p\":\"|\\n{{{x}}}\\n|\\n\"}"},
{"indentations add up", "  {{>a}}\n", "{}", "  a\n    b\n    c\n  d\n", "{\"a\":\"a\\n  {{>b}}\\nd\\n\",\"b\":\"b\\nc\\n\"}"},
{"tabs indent too", "\t{{>p}}\n", "{}", "\ta\n\tb\n", "{\"p\":\"a\\nb\\n\"}"},
{"empty lines are not indented", "  {{>p}}\n", "{}", "  a\n\n  b\n\r\n  c", "{\"p\":\"a\\n\\nb\\n\\r\\nc\"}"},
{"lines that begin with a tag are indented", "  {{>p}}\n", "{\"x\":1}", "  1\n  1 1\n  1", "{\"p\":\"{{x}}\\n{{x}} {{x}}\\n{{#x}}{{x}}{{/x}}\"}"},
{"lines inside a section of a partial are indented", "  {{>p}}\n", "{\"l\":[1,2]}", "  <\n  1\n  2\n  >\n", "{\"p\":\"<\\n{{#l}}\\n{{.}}\\n{{/l}}\\n>\\n\"}"},
{"a line that begins with the end of a section is indented in it", " {{>p}}\n", "{\"l\":[1,2]}", " 1\n 2\n !\n", "{\"p\":\"{{#l}}{{.}}\\n{{/l}}!\\n\"}"},
{"a partial inside a line of a partial has no indentation", "  {{>a}}\n", "{}", "  (x\ny)\n", "{\"a\":\"({{>b}})\\n\",\"b\":\"x\\ny\"}"},
{"space in a partial tag does not count", "|{{> p }}|", "{}", "|[]|", "{\"p\":\"[]\"}"},
{"a partial without indentation inside an indented one keeps the outer", "  {{>a}}\n", "{}", "  x\n  y\n", "{\"a\":\"{{>b}}\\n\",\"b\":\"x\\ny\\n\"}"},
};
/* clang-format on */

static struct template *parse(struct arena *a, struct str text,
                              struct diags *ds)
{
	return template_parse(a, source_new(a, STR("t.html"), text), ds);
}

static struct map partials_of(struct arena *a, const char *json,
                              struct diags *ds)
{
	struct map partials = map_new(a);
	struct fail why = {0};
	json_t *object = NULL;
	const char *key;
	json_t *text;
	if (json && json_read(&object, a, str_of(json), &why))
		json_object_foreach(object, key, text)
		        map_put(&partials, str_of(key),
		                parse(a, str_of(json_string_value(text)), ds));
	return partials;
}

/* jansson reads no bare texts at the top: give it a list of one. */
static const json_t *data_of(struct arena *a, const char *data)
{
	json_t *list = NULL;
	struct fail why = {0};
	if (!json_read(&list, a, str_format(a, "[%s]", data), &why))
		tap_note("bad test data: %s", why.text);
	return json_array_get(list, 0);
}

static void test_example(const struct example *e)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	struct map partials = partials_of(a, e->partials, &ds);
	struct template *t = parse(a, str_of(e->template), &ds);
	struct buf out = buf_new(a, 4096);
	bool whole = t && template_run(&out, t, &partials,
	                               json_value_of(data_of(a, e->data)));
	if (ds.n)
		tap_note("%" STR_FMT, STR_ARG(ds.at[0].message));
	is_str(whole ? buf_str(&out) : STR("(failed)"), e->want, "%s", e->name);
	arena_free(a);
}

/* What is wrong, and the bytes that the finding must point at. */
static const struct {
	const char *template, *message, *at;
} errors[] = {
        {"a {{x", "the tag is not closed", "{{"},
        {"a {{{x}} b", "the tag is not closed", "{{"},
        {"a {{!x b", "the tag is not closed", "{{"},
        {"a {{=x y}} b", "the tag is not closed", "{{"},
        {"{{#a}}b", "the section is not closed", "{{#a}}"},
        {"{{^a}}b", "the section is not closed", "{{^a}}"},
        {"b{{/a}}", "the tag closes a section that is not open", "{{/a}}"},
        {"{{#a}}{{/b}}{{/a}}",
         "the tag closes another section than the one that is open", "{{/b}}"},
        {"{{#a}}{{#b}}{{/a}}",
         "the tag closes another section than the one that is open", "{{/a}}"},
        {"{{}}", "the tag names nothing", "{{}}"},
        {"{{ # }}{{/}}", "the tag names nothing", "{{ # }}"},
        {"{{> }}", "the tag names nothing", "{{> }}"},
        {"{{a b}}",
         "the tag does not hold a name, or names with dots between them",
         "{{a b}}"},
        {"{{a..b}}",
         "the tag does not hold a name, or names with dots between them",
         "{{a..b}}"},
        {"{{.a}}",
         "the tag does not hold a name, or names with dots between them",
         "{{.a}}"},
        {"{{a.}}",
         "the tag does not hold a name, or names with dots between them",
         "{{a.}}"},
        {"{{=<%=}}",
         "new delimiters are two words without '=', as in {{=<% %>=}}",
         "{{=<%=}}"},
        {"{{=a b c=}}",
         "new delimiters are two words without '=', as in {{=<% %>=}}",
         "{{=a b c=}}"},
        {"{{=a= b=}}",
         "new delimiters are two words without '=', as in {{=<% %>=}}",
         "{{=a= b=}}"},
        {"bad \xff byte", "the template is not UTF-8 text here", "\xff"},
};

static void test_errors(void)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct arena *a = arena_new();
		struct diags ds = diags_new(a);
		struct str text = str_of(errors[i].template);
		ok(!parse(a, text, &ds) && ds.n == 1,
		   "%s: one finding, no template", errors[i].template);
		struct diag *d = ds.at;
		is_str(ds.n ? d->message : STR(""), errors[i].message,
		       "%s: says what is wrong", errors[i].template);
		is_str(ds.n ? str_head(str_from(text, d->at.start),
		                       d->at.end - d->at.start)
		            : STR(""),
		       errors[i].at, "%s: points at it", errors[i].template);
		arena_free(a);
	}
}

static void test_all_errors_at_once(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	parse(a, STR("{{}} {{a b}} {{#s}}{{/t}}{{/s}} {{x"), &ds);
	is_int((int64_t)ds.n, 4, "one pass finds all four errors");
	ok(ds.n == 4 && ds.at[2].notes,
	   "a wrong end has a note on the section that is open");
	arena_free(a);
}

/* n times `piece`, or what stands for it in the language. */
static struct str repeat(struct arena *a, const char *piece, size_t n)
{
	struct buf b = buf_new(a, 4 << 20);
	for (size_t i = 0; i < n; i++)
		buf_add(&b, str_of(piece));
	return buf_str(&b);
}

static bool nests(struct arena *a, size_t depth)
{
	struct diags ds = diags_new(a);
	struct str open = repeat(a, "{{#a}}", depth);
	struct str close = repeat(a, "{{/a}}", depth);
	struct str text = str_format(a, "%" STR_FMT "%" STR_FMT, STR_ARG(open),
	                             STR_ARG(close));
	bool parsed = parse(a, text, &ds) != NULL;
	return parsed || ds.n != 1;
}

static void test_parse_limits(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	ok(nests(a, TEMPLATE_MAX_DEPTH), "sections nest 32 deep");
	ok(!nests(a, TEMPLATE_MAX_DEPTH + 1), "one deeper is one finding");
	ok(parse(a, repeat(a, "x", TEMPLATE_MAX_BYTES), &ds),
	   "a template of 256 KiB is read");
	ok(!parse(a, repeat(a, "x", TEMPLATE_MAX_BYTES + 1), &ds) && ds.n == 1,
	   "a byte more is a finding");
	ds = diags_new(a);
	ok(!parse(a, (struct str){"a\0b", 3}, &ds) && ds.n == 1,
	   "a NUL byte is a finding");
	arena_free(a);
}

static void test_run_limits(void)
{
	struct arena *a = arena_new();
	struct diags ds = diags_new(a);
	struct value data = json_value_of(data_of(
	        a, "{\"l\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}"));
	struct map partials =
	        partials_of(a, "{\"p\":\"({{>p}})\",\"q\":\"x\"}", &ds);
	struct buf out = buf_new(a, 1000);

	ok(!template_run(&out, parse(a, STR("{{>p}}"), &ds), &partials, data),
	   "a partial without end is cut, and said to be");
	is_str(buf_str(&out), "((((((((((((((((", "the page ends in the 16th");

	out = buf_new(a, 10);
	ok(!template_run(&out, parse(a, STR("{{#l}}ab{{/l}}"), &ds), NULL,
	                 data),
	   "a full buffer is told");
	ok(out.n <= 10, "and nothing is written past it");

	out = buf_new(a, 1000);
	ok(!template_run(&out,
	                 parse(a,
	                       STR("{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}"
	                           "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}"),
	                       &ds),
	                 NULL, data),
	   "loops that write nothing end at the limit of steps");
	out = buf_new(a, 1000);
	ok(template_run(&out, parse(a, STR("{{>q}}{{>q}}"), &ds), &partials,
	                data),
	   "a page within the limits is whole");
	ok(!ds.n, "none of these is an error of the template");
	arena_free(a);
}

int main(void)
{
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
		test_example(&examples[i]);
	test_errors();
	test_all_errors_at_once();
	test_parse_limits();
	test_run_limits();
	return tap_done();
}
