/* The commands, in the order in which help lists them. */
#include "runner/cli.h"
#include "runner/cmd.h"

const char dxcp_version[] = "0.1.0";
const char dxcp_date[] = "2026-11-21";

const struct command *const commands[] = {
#define COMMAND(name) &cmd_##name,
#include "runner/commands.def"
#undef COMMAND
        NULL,
};

static const char format_about[] = "text or json (check and run:"
#define FORMAT(id, name)
#define REPORT_FORMAT(id, name) " " #name
#include "runner/formats.def"
#undef FORMAT
#undef REPORT_FORMAT
                                   " too), to FILE; repeatable";

const struct option common_options[] = {
        OPTION("directory", 'C', TEXT, dir, "DIR",
               "work in DIR instead of the current directory"),
        OPTION("ledger", 0, TEXT, ledger, "FILE",
               "use this ledger alone (default: platform.ledger.path, in "
               "step with git)"),
        OPTION("now", 0, TIME, now, "TIME",
               "judge and render as of this instant instead of the clock"),
        OPTION("format", 0, TEXTS, formats, "FORMAT[=FILE]", format_about),
        OPTION("color", 0, TEXT, color, "WHEN",
               "auto, always or never (NO_COLOR is honoured)"),
        OPTION("quiet", 'q', FLAG, quiet, NULL,
               "nothing on standard error but errors"),
        OPTION("no-input", 0, FLAG, no_input, NULL, "never ask anything"),
        OPTION("help", 'h', FLAG, help, NULL, "this help"),
        OPTION("version", 0, FLAG, version, NULL, "the version"),
        {0},
};
