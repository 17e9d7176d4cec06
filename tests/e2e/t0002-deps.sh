#!/bin/sh
# ci/deps: what it does with and without packages, rights and sudo. The tools
# that it asks are doubles in a PATH of their own; nothing is installed.
. "$(dirname "$0")/../lib/tap.sh"

mkdir bin
for tool in sh sed; do
	ln -s "$(command -v $tool)" bin
done
double() { # double NAME: a tool of the lines on standard input
	{ echo "#!$(command -v sh)"; cat; } >"bin/$1"
	chmod +x "bin/$1"
}
deps() {
	: >calls
	PATH=$PWD/bin CALLS=$PWD/calls "$TOP/ci/deps" "$@"
}

double apt-get <<'END'
echo "apt-get $*, $DEBIAN_FRONTEND" >>"$CALLS"
END
double sudo <<'END'
echo "sudo $*" >>"$CALLS"
exit 1
END
echo 'echo 0' | double id
echo 'printf installed' | double dpkg-query
for tool in gcc pkg-config; do
	double $tool </dev/null
done
test_run 0 'with everything there it succeeds' deps build
test_not 'and does nothing' test -s calls

double dpkg-query <<'END'
case $* in
*libyaml-dev* | *tzdata*) exit 1 ;;
*libgit2-dev*) printf config-files ;; # removed, its configuration is left
*) printf installed ;;
esac
END
rm bin/gcc
test_run 0 'as root it installs' deps build
cat >want <<'END'
apt-get update, noninteractive
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Acquire::http::Timeout=60 gcc tzdata libgit2-dev libyaml-dev, noninteractive
END
test_same 'what is missing and nothing else, without questions' want calls

double apt-get <<'END'
echo "apt-get $1" >>"$CALLS"
exit 100
END
test_run 100 'where apt-get fails, so does it' deps build
test_same 'at once' - calls <<'END'
apt-get update
END

echo 'echo 1000' | double id
test_run 1 'as a user without sudo it fails' deps build
test_ok 'and shows the command to run' grep -qxF -e \
	'    apt-get update && apt-get install -y --no-install-recommends gcc tzdata libgit2-dev libyaml-dev' err
test_same 'having asked sudo without a prompt' - calls <<'END'
sudo -n true
END

double sudo <<'END'
echo "sudo $1 $2" >>"$CALLS"
END
test_run 0 'with sudo it installs through it' deps build
test_same 'never by a prompt' - calls <<'END'
sudo -n true
sudo -n env
END

test_run 2 'an unknown set is an error' deps nonsense
rm bin/dpkg-query
test_run 0 'on another system it only says what is needed' deps build
test_ok 'by name' grep -q 'libgit2-dev' err
test_not 'and installs nothing' test -s calls
test_done
