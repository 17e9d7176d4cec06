#!/bin/sh
# Other people's programs read the feeds, the calendar and the metrics: jing by
# the grammar of RFC 4287, feedparser, python-icalendar, Prometheus' own
# promtool and its Python client. `make check-feeds`.
. "$(dirname "$0")/../lib/tap.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/feeds/world.sh"
HERE=$TOP/tests/feeds

for base in https://acme.example/delivery ''; do
	rm -rf w site moved
	feeds_world w "$base"
	test_run 0 "the feeds are valid Atom${base:+, with addresses}" \
		jing -c "$HERE/atom.rnc" site/feeds/*.atom site/services/*/feed.atom
	test_run 0 'feedparser reads them' /usr/bin/python3 "$HERE/read_feeds" \
		site/feeds/*.atom site/services/*/feed.atom
	test_ok 'what it found' grep -q '^site/feeds/all.atom 6 ' out
done
sed 's/<updated>[^<]*/<updated>2026-03-04/' site/feeds/all.atom >wrong.atom
test_not 'a date without a time is seen' jing -c "$HERE/atom.rnc" wrong.atom
sed 's/<id>tag:/<id>/' site/feeds/all.atom >wrong.atom
test_not 'and an id that is no address' jing -c "$HERE/atom.rnc" wrong.atom

# When windows hold, by the calendar's reader and by the program's own judging.
test_run 0 'python-icalendar reads the calendar' /usr/bin/python3 "$HERE/read_calendar" site/calendar.ics
cat >want <<'EOT'
office Window 2024-01-01 07:00:00+00:00 8:30:00 WEEKLY MO,TU,WE,TH
office summer 2024-07-01 08:00:00+02:00
nights Freeze 2024-01-06 03:00:00+00:00 8:00:00 WEEKLY FR,SA
nights summer 2024-07-05 22:00:00-04:00
utc Freeze 2024-01-07 00:00:00+00:00 1 day, 0:00:00 WEEKLY SU
peak Freeze 2026-11-20 00:00:00+00:00 11 days, 0:00:00
told: Nobody is awake; nobody, that is, but the machines, and they are told by this line, which is long so that it must be folded — here: äöü€😀 — more than once
EOT
test_same 'the windows of the policy, in their zones' want out

test_run 0 'the Python client reads the metrics, which is strict' /usr/bin/python3 "$HERE/read_metrics" site/metrics.prom
test_ok 'with the counts' grep -Fqx \
	'delivery_deployments_total{environment=prod,kind=ROLL_FORWARD,outcome=FAILED,service=checkout} 1' out
grep -v '^# EOF' site/metrics.prom >text.prom
promtool check metrics <site/metrics.prom >out 2>&1
test_ok 'promtool reads them as text' test "$?" != 1
# As OpenMetrics it takes samples with times only.
sed '/^#/!s/$/ 1772625600/' site/metrics.prom >timed.prom
mkdir data
test_run 0 'and as OpenMetrics' promtool tsdb create-blocks-from openmetrics timed.prom data
sed '/^# EOF/d' timed.prom >wrong.prom
test_not 'a file without its end is seen' promtool tsdb create-blocks-from openmetrics wrong.prom data
test_done
