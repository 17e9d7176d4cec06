#include "core/kind.h"

#include "core/decode.h"

enum { SHOWN = 60 };

const char *const kind_names[2][16] = {
        [KIND_OF_POLICY] = {"platform", "roles", "environment", "service",
                            "group", "recipe", "window", "waiver", "hook",
                            "failure_rule", "proposal_rule"},
        [KIND_OF_INTENT] = {"deploy", "promote", "rollback", "release", "build",
                            "approval", "cancel", "hold", "incident"},
};

static int index_of(struct str word, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (str_is(word, names[i]))
			return i;
	return -1;
}

/* A file in the wrong folder is the likelier slip than a misspelt word. */
static void report_misplaced(const struct yaml_node *kind,
                             enum kind_place where, struct diags *ds)
{
	bool policy = where == KIND_OF_POLICY;
	struct diag *d = diag_add(
	        ds, DIAG_UNKNOWN_KIND, kind->at,
	        policy ? "%" STR_FMT " is a kind of intent, not of policy"
	               : "%" STR_FMT " is a kind of policy, not of intent",
	        STR_ARG(kind->text));
	diag_hint(ds, d, "%s",
	          policy ? "Move the document to intents/, into the folder of "
	                   "its service."
	                 : "Move the document to policy/.");
}

static void report_unknown(const struct yaml_node *kind, enum kind_place where,
                           struct diags *ds)
{
	const char *const *names = kind_names[where];
	struct str shown = str_brief(ds->arena, kind->text, SHOWN);
	const char *place = where == KIND_OF_POLICY ? "policy" : "intent";
	const char *near = decode_nearest(kind->text, names);
	struct diag *d =
	        near ? diag_add(ds, DIAG_UNKNOWN_KIND, kind->at,
	                        "\"%" STR_FMT "\" is not a kind of %s; did you "
	                        "mean \"%s\"?",
	                        STR_ARG(shown), place, near)
	             : diag_add(ds, DIAG_UNKNOWN_KIND, kind->at,
	                        "\"%" STR_FMT "\" is not a kind of %s",
	                        STR_ARG(shown), place);
	struct buf known = buf_new(ds->arena, 1024);
	for (size_t i = 0; names[i]; i++)
		buf_format(&known, "%s%s", i ? ", " : "", names[i]);
	diag_hint(ds, d, "Kinds of %s: %" STR_FMT ".", place,
	          STR_ARG(buf_str(&known)));
}

static int kind_of_word(const struct yaml_node *kind, enum kind_place where,
                        struct diags *ds)
{
	enum kind_place other =
	        where == KIND_OF_POLICY ? KIND_OF_INTENT : KIND_OF_POLICY;
	int is = index_of(kind->text, kind_names[where]);
	if (is >= 0)
		return is;
	if (index_of(kind->text, kind_names[other]) >= 0)
		report_misplaced(kind, where, ds);
	else
		report_unknown(kind, where, ds);
	return -1;
}

int kind_read(const struct yaml_node *root, enum kind_place where,
              struct span *at, struct diags *ds)
{
	*at = (struct span){0};
	if (root->kind != YAML_MAP) {
		if (!root->broken)
			diag_add(ds, DIAG_WRONG_TYPE, root->at,
			         "expected a map: a document is a list of keys "
			         "and their values");
		return -1;
	}
	const struct yaml_node *kind = yaml_find(root, "kind", NULL);
	if (!kind) {
		struct diag *d = diag_add(ds, DIAG_MISSING_KEY, root->at,
		                          "missing key \"kind\"");
		diag_hint(ds, d,
		          "Start the document with its kind, such as "
		          "`kind: %s`.",
		          where == KIND_OF_POLICY ? "service" : "deploy");
		return -1;
	}
	*at = kind->at;
	if (kind->kind == YAML_SCALAR && kind->broken)
		return -1;
	if (kind->kind != YAML_SCALAR || yaml_is_null(kind)) {
		diag_add(ds, DIAG_WRONG_TYPE, kind->at,
		         "expected one word for \"kind\"");
		return -1;
	}
	return kind_of_word(kind, where, ds);
}
