#include "core/ledger_proof.h"

#include "core/files.h"
#include "runner/answer.h"
#include "runner/cmd_ledger.h"
#include "runner/report.h"

#include <fcntl.h>
#include <unistd.h>

/* --- checkpoint ------------------------------------------------------------
 */

static bool can_sign(struct cli *cli, struct note_key **key)
{
	if (!ledger_cmd_note_key(cli, key))
		return false;
	if (!*key || (*key)->can_sign)
		return true;
	fail_set(&cli->why, FAIL_USAGE,
	         "the key of %" STR_FMT " is a public one: it cannot sign",
	         STR_ARG((*key)->name));
	return fail_hint(&cli->why, "give the file that `dxcp ledger key` "
	                            "wrote the private key to");
}

/* What is hashed now is kept for the next time, if the file may be written. */
static void keep_hashes(struct cli *cli)
{
	struct arena *a = arena_new();
	struct ledger *l;
	struct checkpoint c;
	struct fail ignored = {0};
	const char *path = cli->world.ledger_path;
	if (file_exists(path) &&
	    ledger_open(&l, a, path, LEDGER_WRITE, &ignored))
		ledger_checkpoint(l, a, &c, &ignored);
	arena_free(a);
}

static bool open_ledger(struct cli *cli)
{
	if (!cli_find_ledger(cli))
		return false;
	keep_hashes(cli);
	return cli_open_ledger(cli, LEDGER_READ);
}

static bool make_growth(struct cli *cli, const struct note_key *key,
                        struct str *out)
{
	struct str text;
	struct checkpoint old;
	struct growth_proof proof;
	if (!ledger_cmd_read(cli, cli->options.since, &text) ||
	    !checkpoint_read(&old, cli->arena, text, &cli->why) ||
	    !ledger_prove_growth(cli->world.ledger, cli->arena, old.size,
	                         &proof, &cli->why))
		return false;
	if (!key) /* a log has one name, whether it signs or not */
		proof.checkpoint.origin = old.origin;
	*out = ledger_growth_json(cli->arena, text, &proof, key);
	struct checked_proof checked;
	return ledger_proof_check(&checked, cli->arena, *out, NULL, &cli->why);
}

static bool make_checkpoint(struct cli *cli, const struct note_key *key,
                            struct str *out)
{
	struct checkpoint c;
	if (!ledger_checkpoint(cli->world.ledger, cli->arena, &c, &cli->why))
		return false;
	if (key)
		c.origin = key->name;
	*out = checkpoint_write(cli->arena, &c, key);
	return true;
}

enum exit_status ledger_cmd_checkpoint(struct cli *cli)
{
	struct note_key *key;
	struct str text;
	const char *file = cli->options.out.n
	                           ? str_cstr(cli->arena, cli->options.out)
	                           : NULL;
	if (!can_sign(cli, &key) || !open_ledger(cli) ||
	    !(cli->options.since.n ? make_growth(cli, key, &text)
	                           : make_checkpoint(cli, key, &text)) ||
	    !cli_write(cli, file, text))
		return cli_fail(cli);
	return EXIT_FINE;
}

/* --- key -------------------------------------------------------------------
 */

/* Nobody else may read it, and none that is there is lost. */
static bool write_private(struct cli *cli, const char *path, struct str line)
{
	enum { MODE_PRIVATE = 0600 };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	              MODE_PRIVATE);
	if (fd < 0)
		return fail_errno(&cli->why, "cannot write %s", path);
	struct str text =
	        str_format(cli->arena, "%" STR_FMT "\n", STR_ARG(line));
	bool fine =
	        write(fd, text.s, text.n) == (ssize_t)text.n && fsync(fd) == 0;
	if (!fine)
		fail_errno(&cli->why, "cannot write %s", path);
	close(fd);
	if (!fine)
		unlink(path);
	return fine;
}

enum exit_status ledger_cmd_key(struct cli *cli)
{
	struct note_key key;
	if (!cli->options.out.n)
		return cli_usage(cli, "ledger key wants --out FILE, for the "
		                      "private key");
	const char *path = str_cstr(cli->arena, cli->options.out);
	if (!note_key_new(&key, cli->arena, cli->args[1], &cli->why) ||
	    !write_private(cli, path, note_key_private(cli->arena, &key)))
		return cli_fail(cli);
	struct answer *answer = answer_new(cli, "dxcp.key/1");
	struct str public = note_key_public(cli->arena, &key);
	jw_put_str(&answer->j, "publicKey", public);
	jw_put_str(&answer->j, "file", cli->options.out);
	buf_add(&answer->text, public);
	buf_add_char(&answer->text, '\n');
	cli_say(cli, "the private key is in %s: keep it out of git", path);
	return answer_finish(answer) ? EXIT_FINE : cli_fail(cli);
}
