/*
 * signature: who signed a commit, verified as git does it: SSH signatures by
 * ssh-keygen(1) against the allowed signers file of the policy, OpenPGP
 * signatures by gpg(1) against the policy's public keys and no others.
 *
 *	policy/allowed_signers      SSH: ssh-keygen(1), "ALLOWED SIGNERS"
 *	policy/allowed_keys/NAME.asc   OpenPGP: public keys in ASCII armour
 *
 * Whether a key was valid is asked for the time of the commit, as git does
 * (-Overify-time), so that the answer stays the same. The principal is the
 * name that the policy gives the key: of SSH the one in allowed_signers (of
 * several that of the commit's author or committer, else the first), of
 * OpenPGP the e-mail address of one of the key's user ids, chosen likewise: who
 * puts a key into policy/ answers for the names on it.
 */
#ifndef RUNNER_SIGNATURE_H
#define RUNNER_SIGNATURE_H

#include "core/repo.h"
#include "core/vec.h"

enum signer_file { SIGNERS_NONE, SIGNERS_SSH, SIGNERS_OPENPGP };
/* What a path under policy/ holds for us. */
enum signer_file signer_file(struct str path);

/* The keys that the policy trusts. */
struct signers {
	struct str ssh;          /* allowed_signers; empty: there is none */
	VEC(struct str) openpgp; /* armoured keys, a file each */
	struct arena *arena;
	/* Where the programs read them, once something was verified; gone with
	   the arena. */
	const char *folder;
};

struct signers *signers_new(struct arena *a);
void signers_add(struct signers *s, enum signer_file kind, struct str text);

struct signer {
	struct str principal; /* empty: there is no good signature */
	struct str detail;    /* "SSH key of ana@example.com", or why none */
};

/*
 * Verify the signature of a commit. Fails where the program that has to look
 * cannot be run.
 */
bool signature_verify(struct signers *s, const struct repo *r, struct arena *a,
                      const struct commit *commit, struct signer *out,
                      struct fail *why);

#endif
