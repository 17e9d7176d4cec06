/* artifact: addresses in their parts. */
#include "core/artifact.h"
#include "tests/lib/tap.h"

static const struct {
	const char *address, *scheme, *host, *bucket, *path, *name, *tag,
	        *digest;
} cases[] = {
        {"s3://acme-builds/checkout/checkout-1.4.2.zip", "s3", "acme-builds",
         "acme-builds", "checkout/checkout-1.4.2.zip", "checkout-1.4.2.zip", "",
         ""},
        {"s3://bucket", "s3", "bucket", "bucket", "", "", "", ""},
        {"s3://b/k@x:y", "s3", "b", "b", "k@x:y", "k@x:y", "", ""},
        {"oci://ghcr.io/acme/checkout:1.4.2", "oci", "ghcr.io", "",
         "acme/checkout", "checkout", "1.4.2", ""},
        {"oci://localhost:5000/checkout@sha256:ab12", "oci", "localhost:5000",
         "", "checkout", "checkout", "", "sha256:ab12"},
        {"oci://r.example.com:443/a/b:v1@sha256:ab", "oci", "r.example.com:443",
         "", "a/b", "b", "v1", "sha256:ab"},
        {"oci://r/a:b/c", "oci", "r", "", "a:b/c", "c", "", ""},
        {"oci://r/a/b", "oci", "r", "", "a/b", "b", "", ""},
        {"https://h.example.com:8443/d/f.zip?sig=1#x", "https",
         "h.example.com:8443", "", "d/f.zip", "f.zip", "", ""},
        {"https://u:p@h/f", "https", "h", "", "f", "f", "", ""},
        {"https://h", "https", "h", "", "", "", "", ""},
        {"https://h/d/", "https", "h", "", "d/", "", "", ""},
        {"file:///srv/builds/a.tar", "file", "", "", "/srv/builds/a.tar",
         "a.tar", "", ""},
        {"pkg:npm/%40acme/checkout@1.4.2?arch=x#lib", "pkg", "", "",
         "npm/%40acme/checkout", "checkout", "1.4.2", ""},
        {"pkg:oci/checkout@sha256:ab?tag=1.4.2", "pkg", "", "", "oci/checkout",
         "checkout", "", "sha256:ab"},
        {"pkg:/npm/checkout", "pkg", "", "", "npm/checkout", "checkout", "",
         ""},
        {"checkout", "", "", "", "", "", "", ""},
        {"", "", "", "", "", "", "", ""},
        {"s3:", "s3", "", "", "", "", "", ""},
        {"oci://", "oci", "", "", "", "", "", ""},
        {"oci://r/a:", "oci", "r", "", "a", "a", "", ""},
};

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *s = cases[i].address;
		struct artifact a = artifact_of(str_of(s));
		is_str(a.scheme, cases[i].scheme, "the scheme of \"%s\"", s);
		is_str(a.host, cases[i].host, "its host");
		is_str(a.bucket, cases[i].bucket, "its bucket");
		is_str(a.path, cases[i].path, "its path");
		is_str(a.name, cases[i].name, "its name");
		is_str(a.tag, cases[i].tag, "its tag");
		is_str(a.digest, cases[i].digest, "its digest");
	}
	return tap_done();
}
