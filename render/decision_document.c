#include "render/decision_document.h"

static int64_t read_int(struct scan *scan, const char *name)
{
	int64_t n = 0;
	struct str key;
	bool object = scan_open(scan, '{');
	while (object && scan_key(scan, &key))
		if (str_is(key, name))
			n = scan_int(scan);
		else
			scan_skip(scan);
	return n;
}

static struct str read_text(struct scan *scan, struct arena *a,
                            const char *name)
{
	struct str text = {0};
	struct str key;
	bool object = scan_open(scan, '{');
	while (object && scan_key(scan, &key))
		if (str_is(key, name))
			text = scan_str(scan, a);
		else
			scan_skip(scan);
	return text;
}

struct decision_document decision_document_read(struct str text,
                                                struct arena *a)
{
	struct scan scan = scan_of(text);
	struct decision_document d = {.line = 0};
	struct str key;
	bool object = scan_open(&scan, '{');
	while (object && scan_key(&scan, &key))
		if (str_is(key, "message"))
			d.message = scan_str(&scan, a);
		else if (str_is(key, "hint"))
			d.hint = scan_str(&scan, a);
		else if (str_is(key, "nextAllowedAt"))
			d.next = scan_str(&scan, a);
		else if (str_is(key, "commit"))
			d.commit = scan_str(&scan, a);
		else if (str_is(key, "policyCommit"))
			d.policy_commit = scan_str(&scan, a);
		else if (str_is(key, "group"))
			d.group = scan_str(&scan, a);
		else if (str_is(key, "recipe"))
			d.recipe = scan_str(&scan, a);
		else if (str_is(key, "blob"))
			d.blob = scan_str(&scan, a);
		else if (str_is(key, "actor"))
			d.role = read_text(&scan, a, "role");
		else if (str_is(key, "at"))
			d.line = read_int(&scan, "line");
		else {
			if (str_is(key, "also"))
				d.also = scan;
			else if (str_is(key, "items"))
				d.items = scan;
			scan_skip(&scan);
		}
	return d;
}
