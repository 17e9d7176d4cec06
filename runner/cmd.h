/* cmd: one declaration for each line of commands.def. */
#ifndef RUNNER_CMD_H
#define RUNNER_CMD_H

#include "runner/cli.h"

#define COMMAND(name) extern const struct command cmd_##name;
#include "runner/commands.def"
#undef COMMAND

#endif
