/* cmd_ledger: what the verbs of `dxcp ledger` share. For runner/cmd_ledger*.c
   and runner/cmd_show.c. */
#ifndef RUNNER_CMD_LEDGER_H
#define RUNNER_CMD_LEDGER_H

#include "core/note_key.h"
#include "runner/cli.h"

command_fn ledger_cmd_verify, ledger_cmd_rebuild, ledger_cmd_migrate,
        ledger_cmd_backup, ledger_cmd_restore, ledger_cmd_export,
        ledger_cmd_import, ledger_cmd_checkpoint, ledger_cmd_key;

/* --key, a file with a key or a public key itself; *out NULL where it was not
   given. */
bool ledger_cmd_note_key(struct cli *cli, struct note_key **out);
/* --proof FILE and the like: a small file as text. */
bool ledger_cmd_read(struct cli *cli, struct str path, struct str *out);

#endif
