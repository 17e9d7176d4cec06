#include "core/sha256.h"

#include <openssl/evp.h>

/* The only way in which SHA-256 fails is for want of memory. */
static void need(int fine)
{
	if (fine != 1)
		out_of_memory();
}

/* EVP_sha256() would have it looked up among all algorithms for each text, at
   several times the cost of a short one. Fetched once, and kept to the end. */
static const EVP_MD *algorithm(void)
{
	static EVP_MD *fetched;
	if (!fetched)
		fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
	return fetched;
}

void sha256_raw(const struct str *parts, size_t n,
                unsigned char out[SHA256_BYTES])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	need(context != NULL);
	need(EVP_DigestInit_ex(context, algorithm(), NULL));
	for (size_t i = 0; i < n; i++)
		need(EVP_DigestUpdate(context, parts[i].s, parts[i].n));
	need(EVP_DigestFinal_ex(context, out, NULL));
	EVP_MD_CTX_free(context);
}

struct sha256_hex sha256_of_parts(const struct str *parts, size_t n)
{
	unsigned char digest[SHA256_BYTES];
	sha256_raw(parts, n, digest);

	struct sha256_hex hex = {""};
	for (size_t i = 0; i < sizeof digest; i++) {
		hex.s[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		hex.s[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	return hex;
}

struct sha256_hex sha256_of(struct str bytes)
{
	return sha256_of_parts(&bytes, 1);
}

struct str sha256_token(struct arena *a, struct str repository, struct str path,
                        struct str blob)
{
	const struct str end = STR("\n");
	const struct str parts[] = {repository, end, path, end, blob, end};
	struct sha256_hex hex =
	        sha256_of_parts(parts, sizeof parts / sizeof parts[0]);
	return str_format(a, "dxcp-%.32s", hex.s);
}
