/* secret: forms and names of secrets, and what only looks like one. */
#include "core/secret.h"
#include "tests/lib/tap.h"

/* Put together here, so that no file holds what scanners look for. */
#define THIRTY "abcdefghij0123456789ABCDEFGHIJ"

static const struct {
	const char *text, *what, *piece;
} texts[] = {
        {"AKIA"
         "IOSFODNN7EXAMPLE",
         "an AWS access key",
         "AKIA"
         "IOSFODNN7EXAMPLE"},
        {"key=AKIA"
         "IOSFODNN7EXAMPLE;",
         "an AWS access key",
         "AKIA"
         "IOSFODNN7EXAMPLE"},
        {"AKIA"
         "IOSFODNN7EXAMPL",
         NULL, NULL},
        {"NAKIA"
         "IOSFODNN7EXAMPLE",
         NULL, NULL},
        {"ghp_" THIRTY, "a GitHub token", "ghp_" THIRTY},
        {"ghp_"
         "abcdefghij",
         NULL, NULL},
        {"glpat-"
         "0123456789abcdefghij",
         "a GitLab token",
         "glpat-"
         "0123456789abcdefghij"},
        {"eyJ" THIRTY ".eyJ" THIRTY, "a JSON web token",
         "eyJ" THIRTY ".eyJ" THIRTY},
        {"-----BEGIN RSA PRIVATE"
         " KEY-----\nMII",
         "a private key",
         "PRIVATE"
         " KEY-----"},
        {"Authorization: Bearer abcdef012345", "a bearer token",
         "Bearer abcdef012345"},
        {"Bearer capabilities", NULL, NULL},
        {"Basic deployment", NULL, NULL},
        {"Basic dXNlcjpwYXNz0g==", "a password", "Basic dXNlcjpwYXNz0g=="},
        {"https://user:hunter2@h/x", "a password in an address", "hunter2"},
        {"https://user@h/x", NULL, NULL},
        {"https://h:8080/a@b", NULL, NULL},
        {"https://h/?q=a:b@c", NULL, NULL},
        {"sha256:4be1f6c1d6d9a4c2f3b1c1d6d9a4c2f3b1c1d6d9a4c2f3b1", NULL, NULL},
        {"dxcp-0123456789abcdef0123456789abcdef", NULL, NULL},
        {"1.4.2", NULL, NULL},
        {"", NULL, NULL},
};

static const struct {
	const char *name;
	bool is_secret;
} names[] = {
        {"password", true},
        {"dbPassword", true},
        {"DB_PASSWORD", true},
        {"api-key", true},
        {"apiKey", true},
        {"secret", true},
        {"aws_secret_access_key", true},
        {"token", true},
        {"github.token", true},
        {"credentials", true},
        {"password_file", false},
        {"token_name", false},
        {"tokens", false},
        {"version", false},
        {"key", false},
        {"compass", false},
        {"", false},
        {"d", false},
};

static const struct {
	const char *text;
	bool is_elsewhere;
} places[] = {
        {"/run/secrets/db", true},
        {"vault:kv/db#password", true},
        {"encrypted:s3!r:eu!b:x", true},
        {"${ parameters.secret }", true},
        {"arn:aws:secretsmanager:x", true},
        {"hunter2", false},
        {"", false},
};

int main(void)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct str text = str_of(texts[i].text);
		size_t start = 0, length = 0;
		const char *what = secret_in(text, &start, &length);
		is_str(str_of(what), texts[i].what ? texts[i].what : "",
		       "what \"%s\" looks like", texts[i].text);
		if (what && texts[i].piece)
			is_str(str_head(str_from(text, start), length),
			       texts[i].piece, "and the piece that does");
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ok(secret_name(str_of(names[i].name)) == names[i].is_secret,
		   "the name \"%s\" is %s", names[i].name,
		   names[i].is_secret ? "a secret's" : "none of a secret");
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		ok(secret_is_elsewhere(str_of(places[i].text)) ==
		           places[i].is_elsewhere,
		   "\"%s\" is %s", places[i].text,
		   places[i].is_elsewhere ? "a place" : "no place");
	return tap_done();
}
