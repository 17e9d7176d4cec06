#include "core/base64.h"
#include "core/checkpoint.h"
#include "tests/lib/tap.h"

/* --- base64: the examples of RFC 4648 section 10 --- */

static const struct {
	const char *bytes, *text;
} examples[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}};
static const char *const no_base64[] = {"Zg",   "Zg=",      "Z===",  "====",
                                        "Zh==", "Zm9=",     "Zm9v ", "Z-9v",
                                        "=Zg=", "Zg==Zg==", "Zm9v\n"};

static void base64(struct arena *a)
{
	struct str out;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		is_str(base64_encode(a, str_of(examples[i].bytes)),
		       examples[i].text, "\"%s\" in base64", examples[i].bytes);
		ok(base64_decode(a, str_of(examples[i].text), &out) &&
		           str_is(out, examples[i].bytes),
		   "and back");
	}
	for (size_t i = 0; i < sizeof no_base64 / sizeof *no_base64; i++)
		ok(!base64_decode(a, str_of(no_base64[i]), &out),
		   "text %zu is no base64", i);
}

/* --- keys: those of golang.org/x/mod/sumdb/note's own example --- */

#define PUBLIC \
	"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PRIVATE                     \
	"PRIVATE+KEY+PeterNeumann+" \
	"c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define TEXT                                                         \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define SIGNATURE                                                              \
	"PeterNeumann "                                                        \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf" \
	"qdngotpRZb6KE6RyyBwJnAM="

static void keys(struct arena *a)
{
	struct fail why = {0};
	struct note_key s = {0}, p = {0}, made = {0}, again = {0};
	ok(note_key_read(&s, a, STR(PRIVATE "\n"), &why) && s.can_sign,
	   "a private key is read");
	is_str(note_key_public(a, &s), PUBLIC, "and has its public key");
	is_str(note_key_private(a, &s), PRIVATE, "and is written as it was");
	is_str(note_key_sign(a, &s, STR(TEXT)), SIGNATURE,
	       "it signs as the reference does");
	ok(note_key_read(&p, a, STR(PUBLIC), &why) && !p.can_sign,
	   "a public key is read");
	ok(note_key_verify(a, &p, STR(TEXT), STR(SIGNATURE)),
	   "and knows the signature");
	ok(!note_key_verify(a, &p, STR(TEXT "!"), STR(SIGNATURE)),
	   "not of another text");
	ok(!note_key_verify(a, &p, STR(TEXT), STR("Peter" SIGNATURE)),
	   "nor under another name");
	ok(note_key_new(&made, a, STR("acme.example/ledger"), &why) &&
	           note_key_read(&again, a, note_key_private(a, &made), &why) &&
	           str_eq(note_key_public(a, &made),
	                  note_key_public(a, &again)),
	   "a new key survives being written and read");
	ok(!str_eq(note_key_public(a, &made), note_key_public(a, &s)) &&
	           !note_key_verify(a, &made, STR(TEXT), STR(SIGNATURE)),
	   "and is another one");
	static const char *const names[] = {"",          "a b", "a+b",
	                                    "a\xc2\xa0", "a\n", "\xff"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct fail no = {0};
		ok(!note_key_new(&made, a, str_of(names[i]), &no) &&
		           no.kind == FAIL_USAGE,
		   "name %zu cannot be that of a key", i);
	}
	static const char *const wrong[] = {
	        "",
	        "x",
	        "PRIVATE+KEY+",
	        "a+b+c",
	        PUBLIC "=",
	        "PeterNeumann+c74f20a4+"
	        "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	        "PeterNeumann+c74f20a3+"
	        "AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct fail no = {0};
		ok(!note_key_read(&made, a, str_of(wrong[i]), &no) &&
		           no.kind == FAIL_INPUT,
		   "text %zu is no key", i);
	}
}

/* --- checkpoints --- */

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

static const char *const wrong_notes[] = {
        "",
        "a\n",
        "a\n1\n",
        "a\n1\n" ROOT,
        "\n1\n" ROOT "\n",
        "a\n01\n" ROOT "\n",
        "a\n-1\n" ROOT "\n",
        "a\n1x\n" ROOT "\n",
        "a\n1\nCsUY\n",
        "a\n1\n" ROOT "\n\nno dash\n",
        "a\n1\n" ROOT "\n\n\xe2\x80\x94 name\n",
        "a\n1\n" ROOT "\n\n\xe2\x80\x94 name sig",
        "a\xff\n1\n" ROOT "\n"};

static void notes(struct arena *a)
{
	struct fail why = {0};
	struct note_key s;
	struct checkpoint c = {.origin = STR("PeterNeumann"), .size = 15368405};
	struct checkpoint read;
	memset(c.root.b, 7, MERKLE_HASH);
	is_str(checkpoint_write(a, &c, NULL),
	       "PeterNeumann\n15368405\n"
	       "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n",
	       "a checkpoint without a key is three lines");
	note_key_read(&s, a, STR(PRIVATE), &why);
	struct str note = checkpoint_write(a, &c, &s);
	ok(checkpoint_read(&read, a, note, &why) && read.size == c.size &&
	           str_eq(read.origin, c.origin) &&
	           merkle_equal(&read.root, &c.root),
	   "one with a key is read again");
	ok(checkpoint_verify(a, &read, &s, &why), "and has its signature");
	read.text = str_of("PeterNeumann\n15368406\n");
	ok(!checkpoint_verify(a, &read, &s, &why) &&
	           why.kind == FAIL_INTEGRITY && why.hint[0],
	   "which is not that of another text");
	why = (struct fail){0};
	c.origin = STR("Another");
	note = checkpoint_write(a, &c, &s);
	ok(checkpoint_read(&read, a, note, &why) &&
	           !checkpoint_verify(a, &read, &s, &why),
	   "nor does a key speak for another log");
	why = (struct fail){0};
	ok(checkpoint_read(&read, a,
	                   STR("a\n1\n" ROOT "\nmore\n\n\xe2\x80\x94 x y\n"
	                       "\xe2\x80\x94 z w\n"),
	                   &why) &&
	           read.size == 1 && read.text.n > 50,
	   "further lines and signatures of others are let pass");
	for (size_t i = 0; i < sizeof wrong_notes / sizeof *wrong_notes; i++) {
		struct fail no = {0};
		ok(!checkpoint_read(&read, a, str_of(wrong_notes[i]), &no) &&
		           no.kind == FAIL_INPUT,
		   "text %zu is no checkpoint", i);
	}
}

int main(void)
{
	struct arena *a = arena_new();
	base64(a);
	keys(a);
	notes(a);
	arena_free(a);
	return tap_done();
}
