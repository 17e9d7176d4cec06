#!/bin/sh
# DXCP from cron, on a machine of your own: one pass, then the site.
#
#   */5 * * * * dxcp /usr/local/lib/dxcp/cron.sh /etc/dxcp.conf
#
# as a file of /etc/cron.d, for a user of its own. The configuration is a piece
# of shell that only this user and root may write:
#
#   CLONE=/var/lib/dxcp/delivery.git  made by: git clone --bare ADDRESS FOLDER
#   BRANCH=main
#   LEDGER=/var/lib/dxcp/ledger.db  on a local disk, with a backup of it
#   SITE=/srv/www/dxcp              the site's folder, served by a web server
#   export GATE_TOKEN=...           what the policy's engines name as token_env
#
# The first pass makes the ledger. Later ones refuse to begin a new one where
# it is gone: everything would be dispatched again.
set -eu
umask 077
conf=${1:?usage: cron.sh CONFIGURATION}
# shellcheck source=/dev/null
. "$conf"

# A pass that takes longer than the time between two is not joined by another.
exec 9>"$LEDGER.cron"
flock -n 9 || exit 0

if [ -e "$LEDGER.begun" ] && [ ! -s "$LEDGER" ]; then
	echo "cron.sh: $LEDGER is gone; restore it, or remove $LEDGER.begun to" \
		"begin a new one" >&2
	exit 5
fi
git -C "$CLONE" fetch -q origin "+$BRANCH:$BRANCH"
status=0
dxcp -C "$CLONE" run --quiet --no-input --ledger "$LEDGER" --head "$BRANCH" \
	>"$LEDGER.log" 2>&1 || status=$?
if [ -s "$LEDGER" ]; then
	: >"$LEDGER.begun"
	(umask 022 && dxcp -C "$CLONE" render --quiet --no-input --ledger "$LEDGER" \
		--head "$BRANCH" --out "$SITE" >/dev/null)
fi
# cron sends what is printed: 1 is told by the site, what is higher is trouble.
[ "$status" -le 1 ] || cat "$LEDGER.log" >&2
exit "$status"
