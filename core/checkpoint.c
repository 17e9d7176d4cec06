#include "core/checkpoint.h"
#include "core/base64.h"

/* "— ": an em dash and a space. */
#define DASH "\xe2\x80\x94 "

static bool line_of(struct str *rest, struct str *line)
{
	return str_cut(*rest, '\n', line, rest);
}

struct str checkpoint_write(struct arena *a, const struct checkpoint *c,
                            const struct note_key *key)
{
	struct str root = base64_encode(
	        a, (struct str){(const char *)c->root.b, MERKLE_HASH});
	struct buf out = buf_new(a, CHECKPOINT_MAX);
	buf_format(&out, "%" STR_FMT "\n%llu\n%" STR_FMT "\n",
	           STR_ARG(c->origin), (unsigned long long)c->size,
	           STR_ARG(root));
	if (key) {
		struct str line = note_key_sign(a, key, buf_str(&out));
		buf_format(&out, "\n" DASH "%" STR_FMT "\n", STR_ARG(line));
	}
	return buf_str(&out);
}

/* Decimal, no leading zero. */
static bool read_size(struct str s, uint64_t *size)
{
	int64_t n;
	if (!str_int(s, &n) || n < 0 || (s.n > 1 && s.s[0] == '0') ||
	    s.s[0] == '-')
		return false;
	*size = (uint64_t)n;
	return true;
}

static bool read_body(struct checkpoint *c, struct arena *a, struct str body)
{
	struct str size, root, bytes;
	if (!line_of(&body, &c->origin) || !c->origin.n ||
	    !line_of(&body, &size) || !read_size(size, &c->size) ||
	    !line_of(&body, &root) || !base64_decode(a, root, &bytes) ||
	    bytes.n != MERKLE_HASH)
		return false;
	memcpy(c->root.b, bytes.s, MERKLE_HASH);
	return true;
}

/* The text ends at the last empty line, where there is one. */
static void divide(struct str all, struct str *text, struct str *signatures)
{
	*text = all;
	*signatures = (struct str){0};
	for (size_t i = all.n; i-- > 1;) {
		if (all.s[i] != '\n' || all.s[i - 1] != '\n')
			continue;
		*text = str_head(all, i);
		*signatures = str_from(all, i + 1);
		return;
	}
}

static bool are_signatures(struct str lines)
{
	struct str line, name, encoded;
	while (lines.n)
		if (!line_of(&lines, &line) || !str_starts(line, STR(DASH)) ||
		    !str_cut(str_from(line, sizeof DASH - 1), ' ', &name,
		             &encoded) ||
		    !name.n || !encoded.n)
			return false;
	return true;
}

bool checkpoint_read(struct checkpoint *out, struct arena *a, struct str text,
                     struct fail *why)
{
	struct checkpoint c = {0};
	divide(text, &c.text, &c.signatures);
	if (text.n > CHECKPOINT_MAX || !str_is_utf8(text, NULL) ||
	    !read_body(&c, a, c.text) || !are_signatures(c.signatures)) {
		fail_set(why, FAIL_INPUT, "this is not a checkpoint");
		return fail_hint(why, "a checkpoint is what `dxcp ledger "
		                      "checkpoint` prints, byte for byte");
	}
	*out = c;
	return true;
}

bool checkpoint_verify(struct arena *a, const struct checkpoint *c,
                       const struct note_key *key, struct fail *why)
{
	struct str lines = c->signatures, line;
	bool good = false;
	while (!good && line_of(&lines, &line))
		good = note_key_verify(a, key, c->text,
		                       str_from(line, sizeof DASH - 1));
	if (good && str_eq(c->origin, key->name))
		return true;
	fail_set(why, FAIL_INTEGRITY,
	         good ? "the checkpoint is of %" STR_FMT
	                ", not of the log that the key %" STR_FMT " is for"
	              : "the checkpoint of %" STR_FMT
	                " has no good signature by the key %" STR_FMT,
	         STR_ARG(c->origin), STR_ARG(key->name));
	return fail_hint(why, "get the checkpoint and the public key again, "
	                      "from who made them");
}
