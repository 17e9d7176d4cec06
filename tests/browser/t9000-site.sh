#!/bin/sh
# The pages of a world with something of everything, in Chromium.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/rich.sh"

rich_make w || cat rich.log >&2
dx "$RICH_NOW" render --out site >/dev/null || exit 1
node "$TOP/tests/browser/check.js" site "$OUT/shots"
