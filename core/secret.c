#include "core/secret.h"

/*
 * Forms that issuers publish so that scanners find them: a prefix, and how
 * many characters of a token follow at least.
 */
static const struct form {
	const char *prefix;
	size_t least;
	const char *what;
	bool has_digit; /* lest it be a word */
} forms[] = {
        {"AKIA", 16, "an AWS access key", false},
        {"ASIA", 16, "an AWS access key", false},
        {"ghp_", 30, "a GitHub token", false},
        {"gho_", 30, "a GitHub token", false},
        {"ghu_", 30, "a GitHub token", false},
        {"ghs_", 30, "a GitHub token", false},
        {"ghr_", 30, "a GitHub token", false},
        {"github_pat_", 30, "a GitHub token", false},
        {"glpat-", 16, "a GitLab token", false},
        {"xoxb-", 16, "a Slack token", false},
        {"xoxp-", 16, "a Slack token", false},
        {"xoxa-", 16, "a Slack token", false},
        {"AIza", 30, "a Google API key", false},
        {"sk_live_", 16, "a Stripe key", false},
        {"npm_", 30, "an npm token", false},
        {"eyJ", 32, "a JSON web token", false},
        {"Bearer ", 8, "a bearer token", true},
        {"Basic ", 8, "a password", true},
};

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
	       c == '/' || c == '+' || c == '=';
}

static bool begins_word(struct str text, size_t at)
{
	return !at || !is_token_char(text.s[at - 1]) || text.s[at - 1] == '=' ||
	       text.s[at - 1] == '/';
}

static size_t token_length(struct str s)
{
	size_t n = 0;
	while (n < s.n && is_token_char(s.s[n]))
		n++;
	return n;
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.s[i] >= '0' && s.s[i] <= '9')
			return true;
	return false;
}

/* "scheme://user:password@host": the length from the password to the '@'. */
static size_t url_password(struct str after_slashes, size_t *start)
{
	size_t colon = 0;
	for (size_t i = 0; i < after_slashes.n; i++) {
		char c = after_slashes.s[i];
		if (c == ':' && !colon)
			colon = i + 1;
		if (c == '@' && colon && i > colon) {
			*start = colon;
			return i - colon;
		}
		if (c == '/' || c == '?' || c == '#' || c == ' ')
			break;
	}
	return 0;
}

static const char *form_at(struct str text, size_t at, size_t *length)
{
	struct str rest = str_from(text, at);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct str prefix = str_of(forms[i].prefix);
		if (!str_starts(rest, prefix))
			continue;
		size_t n = token_length(str_from(rest, prefix.n));
		if (n < forms[i].least ||
		    (forms[i].has_digit &&
		     !has_digit(str_head(str_from(rest, prefix.n), n))))
			continue;
		*length = prefix.n + n;
		return forms[i].what;
	}
	return NULL;
}

const char *secret_in(struct str text, size_t *start, size_t *length)
{
	for (size_t at = 0; at < text.n; at++) {
		struct str rest = str_from(text, at);
		*start = at;
		if (str_starts(rest, STR("PRIVATE KEY-----"))) {
			*length = STR("PRIVATE KEY-----").n;
			return "a private key";
		}
		if (str_starts(rest, STR("://"))) {
			size_t from = 0;
			*length = url_password(str_from(rest, 3), &from);
			*start = at + 3 + from;
			if (*length)
				return "a password in an address";
		}
		if (!begins_word(text, at))
			continue;
		const char *what = form_at(text, at, length);
		if (what)
			return what;
	}
	return NULL;
}

/* In lower case, without what joins words. */
static const char *const last_words[] = {
        "password",    "passwd",     "passphrase", "pwd",
        "secret",      "secretkey",  "token",      "apikey",
        "accesskey",   "privatekey", "credential", "signingkey",
        "credentials", "secrets",    "passwords",  "secretaccesskey",
};

static bool ends_name(struct str name, const char *word)
{
	size_t n = str_of(word).n, at = name.n;
	while (n && at) {
		char c = name.s[--at];
		if (c == '-' || c == '_' || c == '.' || c == ' ')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != word[--n])
			return false;
	}
	return !n;
}

bool secret_name(struct str name)
{
	for (size_t i = 0; i < sizeof last_words / sizeof *last_words; i++)
		if (ends_name(name, last_words[i]))
			return true;
	return false;
}

bool secret_is_elsewhere(struct str text)
{
	static const char *const starts[] = {
	        "/",
	        "./",
	        "${",
	        "vault:",
	        "encrypted:",
	        "arn:",
	        "encryptedFile:",
	        "secret://",
	        "projects/",
	        "file:",
	        "env:",
	};
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (str_starts(text, str_of(starts[i])))
			return true;
	return false;
}
