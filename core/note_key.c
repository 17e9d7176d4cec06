#include "core/note_key.h"
#include "core/base64.h"
#include "core/sha256.h"

#include <openssl/evp.h>

enum { ALGORITHM = 1, NAME_MAX_BYTES = 255, ID_DIGITS = 8 };

static const char prefix[] = "PRIVATE+KEY+";

/* What Unicode calls white space, beyond ASCII: it may not be in a name. */
static const char *const spaces[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80",
        "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
        "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
        "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
        "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.s[i] <= ' ' || s.s[i] == '+' ||
		    s.s[i] == 0x7f)
			return false;
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		if (str_contains(s, str_of(spaces[i])))
			return false;
	return s.n && s.n <= NAME_MAX_BYTES && str_is_utf8(s, NULL);
}

/* --- keys --- */

static struct str with_algorithm(const unsigned char *key,
                                 char out[NOTE_KEY + 1])
{
	out[0] = ALGORITHM;
	memcpy(out + 1, key, NOTE_KEY);
	return (struct str){out, NOTE_KEY + 1};
}

static void make_id(struct note_key *s)
{
	char key[NOTE_KEY + 1];
	unsigned char digest[SHA256_BYTES];
	const struct str parts[] = {s->name, STR("\n"),
	                            with_algorithm(s->public_key, key)};
	sha256_raw(parts, 3, digest);
	memcpy(s->id, digest, sizeof s->id);
}

static bool crypto_failed(struct fail *why, const char *what)
{
	return fail_set(why, FAIL_SYSTEM, "libcrypto cannot %s", what);
}

static bool take_seed(struct note_key *s, struct fail *why)
{
	size_t n = NOTE_KEY;
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	                                             s->seed, NOTE_KEY);
	bool fine =
	        key && EVP_PKEY_get_raw_public_key(key, s->public_key, &n) == 1;
	EVP_PKEY_free(key);
	s->can_sign = fine;
	return fine || crypto_failed(why, "use an Ed25519 key");
}

static bool make_seed(unsigned char seed[NOTE_KEY])
{
	size_t n = NOTE_KEY;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	bool made = key && EVP_PKEY_get_raw_private_key(key, seed, &n) == 1;
	EVP_PKEY_free(key);
	return made;
}

bool note_key_new(struct note_key *out, struct arena *a, struct str name,
                  struct fail *why)
{
	struct note_key s = {.name = str_copy(a, name)};
	if (!is_name(name)) {
		fail_set(why, FAIL_USAGE,
		         "\"%" STR_FMT "\" cannot be the name of a key",
		         STR_ARG(name));
		return fail_hint(why, "use a name such as acme.example/ledger: "
		                      "no white space, no +");
	}
	if (!make_seed(s.seed))
		return crypto_failed(why, "make a random key");
	if (!take_seed(&s, why))
		return false;
	make_id(&s);
	*out = s;
	return true;
}

static struct str id_text(struct arena *a, const struct note_key *s)
{
	return str_format(a, "%02x%02x%02x%02x", s->id[0], s->id[1], s->id[2],
	                  s->id[3]);
}

static struct str key_line(struct arena *a, const struct note_key *s,
                           const char *start, const unsigned char *key)
{
	char bytes[NOTE_KEY + 1];
	struct str text = base64_encode(a, with_algorithm(key, bytes));
	struct str id = id_text(a, s);
	return str_format(a, "%s%" STR_FMT "+%" STR_FMT "+%" STR_FMT, start,
	                  STR_ARG(s->name), STR_ARG(id), STR_ARG(text));
}

struct str note_key_private(struct arena *a, const struct note_key *s)
{
	return key_line(a, s, prefix, s->seed);
}

struct str note_key_public(struct arena *a, const struct note_key *s)
{
	return key_line(a, s, "", s->public_key);
}

/* name+id+base64, of which only the last may hold a '+'. */
static bool parse(struct arena *a, struct str text, struct note_key *s,
                  unsigned char *key, struct str *id)
{
	struct str rest, bytes;
	if (!str_cut(text, '+', &s->name, &rest) ||
	    !str_cut(rest, '+', id, &rest) || !is_name(s->name) ||
	    id->n != ID_DIGITS || !base64_decode(a, rest, &bytes) ||
	    bytes.n != NOTE_KEY + 1 || bytes.s[0] != ALGORITHM)
		return false;
	s->name = str_copy(a, s->name);
	memcpy(key, bytes.s + 1, NOTE_KEY);
	return true;
}

bool note_key_read(struct note_key *out, struct arena *a, struct str text,
                   struct fail *why)
{
	struct note_key s = {0};
	struct str id;
	text = str_trim(text);
	bool private = str_starts(text, str_of(prefix));
	if (!parse(a, private ? str_from(text, sizeof prefix - 1) : text, &s,
	           private ? s.seed : s.public_key, &id)) {
		fail_set(why, FAIL_INPUT, "this is not a key of a note");
		return fail_hint(why, "it is one line, as `dxcp ledger key` "
		                      "makes it");
	}
	if (private && !take_seed(&s, why))
		return false;
	make_id(&s);
	if (!str_eq(id, id_text(a, &s)))
		return fail_set(why, FAIL_INPUT,
		                "the key of %" STR_FMT
		                " is damaged: its id is not that of its bytes",
		                STR_ARG(s.name));
	*out = s;
	return true;
}

/* --- signatures --- */

/* Ed25519 fails on a good key only for want of memory. */
static void need(bool fine)
{
	if (!fine)
		out_of_memory();
}

struct str note_key_sign(struct arena *a, const struct note_key *s,
                         struct str text)
{
	unsigned char bytes[sizeof s->id + NOTE_SIGNATURE];
	size_t n = NOTE_SIGNATURE;
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	                                             s->seed, NOTE_KEY);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	memcpy(bytes, s->id, sizeof s->id);
	need(key && context &&
	     EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestSign(context, bytes + sizeof s->id, &n,
	                    (const unsigned char *)text.s, text.n) == 1);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	struct str encoded = base64_encode(
	        a, (struct str){(const char *)bytes, sizeof bytes});
	return str_format(a, "%" STR_FMT " %" STR_FMT, STR_ARG(s->name),
	                  STR_ARG(encoded));
}

bool note_key_verify(struct arena *a, const struct note_key *s, struct str text,
                     struct str line)
{
	struct str name, encoded, bytes;
	if (!str_cut(line, ' ', &name, &encoded) || !str_eq(name, s->name) ||
	    !base64_decode(a, encoded, &bytes) ||
	    bytes.n != sizeof s->id + NOTE_SIGNATURE ||
	    memcmp(bytes.s, s->id, sizeof s->id) != 0)
		return false;
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	                                            s->public_key, NOTE_KEY);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	need(context != NULL);
	bool good =
	        key &&
	        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	        EVP_DigestVerify(context,
	                         (const unsigned char *)bytes.s + sizeof s->id,
	                         NOTE_SIGNATURE, (const unsigned char *)text.s,
	                         text.n) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}
