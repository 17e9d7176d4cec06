#!/bin/sh
# The checks of ci/: each finds what it is there to find.
. "$(dirname "$0")/../lib/tap.sh"

# file PATH: a file of the lines on standard input.
file() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}
# header PATH: an empty header with its guard, and the lines given.
header() {
	guard=$(echo "$1" | tr 'a-z/.' 'A-Z__')
	{ printf '#ifndef %s\n#define %s\n' "$guard" "$guard"; cat; echo '#endif'; } |
		file "$1"
}
# says CHECK LINE: it fails, and this is one of the lines.
says() {
	test_run 1 "ci/$1 refuses it" "$TOP/ci/$1"
	test_ok "and says: $2" grep -qxFe "$2" out
}
fresh() {
	cd "$SCRATCH" && rm -rf tree && git init -q tree && cd tree || exit 1
}

fresh
header core/str.h </dev/null
header core/ledger_event.h </dev/null
header render/render.h </dev/null
printf '#include "core/str.h"\n' | header core/repo.h
printf '#include <git2.h>\n#include "core/repo.h"\n' | file core/repo.c
printf '#include <sqlite3.h>\n#include "core/ledger_event.h"\n' | file core/ledger_run.c
printf '#include "core/repo.h"\n#include "render/render.h"\n' | file runner/main.c
test_run 0 'includes the right way round pass' "$TOP/ci/check-layers"
printf '#include "core/repo.h"\n' | file core/str.c
says check-layers 'core/str.c:1: core/repo.h stands above core/str.c'
printf '#include "core/json.h"\n' | file core/zone.c
says check-layers 'core/zone.c:1: core/json.h stands above core/zone.c'
printf '#include "core/zone_rule.h"\n' | file core/zone.c
printf '#include "core/zone.h"\n' | file core/zone_rule.c
rm core/str.c
test_run 0 'files of one pattern know each other' "$TOP/ci/check-layers"
rm core/zone.c core/zone_rule.c
printf '\n# include  "runner/world.h"\n' | file core/str.c
says check-layers 'core/str.c:2: core does not know runner'
printf '#include "str.h"\n' | file core/str.c
says check-layers 'core/str.c:1: "str.h" is not named from the top of the repository'
printf '#include <git2/types.h>\n#include <git2.h>\n' | file core/str.c
says check-layers 'core/str.c:2: <git2.h> belongs to core/repo*'
printf '#include "core/str.h"\n' | file core/novel.c
says check-layers 'core/novel.c:1: core/novel.c has no place in ci/check-layers'
rm core/novel.c core/str.c
printf '#include "runner/world.h"\n' | file render/page.c
says check-layers 'render/page.c:1: render does not know runner'
printf '#include "render/render.h"\n' | file runner/cmd_log.c
says check-layers 'runner/cmd_log.c:1: runner does not know render, save site, cmd_render, cmd_site and cmd_export'

fresh
file core/arena.c <<'END'
void *a = malloc(1);
END
file core/x.c <<'END'
/* malloc in a comment,
 * free in its second line */
const char *s = "strcpy(\"x\")"; // sprintf
void f(void) { my_free(s); p->free = '"'; }
END
test_run 0 'comments, texts and longer names are no banned functions' \
	"$TOP/ci/check-banned"
echo 'int n = /* one */ atoi(s); /* two */' >>core/x.c
says check-banned 'core/x.c:5: atoi is not used here: see str_int'
echo 'x = f(free);' >>core/x.c
says check-banned 'core/x.c:6: free is not used here: see arena_free'

fresh
printf 'int f(void);\n' | header core/x.h
test_run 0 'a header that stands alone passes' "$TOP/ci/check-headers"
printf 'size_t f(void);\n' | header core/x.h
test_run 1 'one that needs another first does not' "$TOP/ci/check-headers"
printf '#ifndef X_H\n#define X_H\n#endif\n' | file core/x.h
says check-headers 'core/x.h: the guard is not CORE_X_H'

fresh
cp "$TOP/.clang-format" .
printf 'int f(void)\n{\n\treturn 1;\n}\n' >x.c
test_run 0 'formatted code passes' "$TOP/ci/check-format"
printf 'int f(void) { return 1; }\n' >x.c
says check-format '-int f(void) { return 1; }'

fresh
mkdir ci
sed "/^to_come='/,/^'/c to_come='SOON some feature'" "$TOP/ci/check-codes" >ci/check-codes
printf 'DECISION(NOW, 1, x)\nFINDING(SOON, x)\n' | file core/diag_codes.def
printf 'f(DIAG_NOW);\n' | file runner/x.c
test_run 0 'a code that is raised and one still to come pass' bash ci/check-codes
printf 'f(DIAG_NOW, DIAG_SOON);\n' | file runner/x.c
test_run 1 'one on the list that is raised does not' bash ci/check-codes
printf 'f(DIAG_NOW_ELSE);\n' | file runner/x.c
test_run 1 'one that nothing raises does not' bash ci/check-codes
test_ok 'and is named' grep -qx 'NOW: no code raises it' out

fresh
printf '#!/bin/sh\necho "$1"\n' >good
test_run 0 'a sound script passes' "$TOP/ci/check-scripts"
printf '#!/usr/bin/env bash\nrm $1\n' >bad
test_run 1 'a script with a flaw does not, whatever its name' "$TOP/ci/check-scripts"
test_ok 'and is named' grep -q '^In bad line 2' out

test_done
