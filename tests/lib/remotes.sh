# shellcheck shell=sh
# remotes.sh: git servers on loopback, as the user that runs the test, read after
# tap.sh. They end with the test.

# Each leads a group of its own, which has what it forked.
servers=
servers_stop() {
	for server in $servers; do
		kill -- "-$server" 2>/dev/null
	done
}
trap 'servers_stop; [ -n "${KEEP-}" ] || rm -rf "$SCRATCH"' EXIT

# A program of a server, which PATH may not name.
server_program() {
	PATH=$PATH:/usr/sbin command -v "$1"
}
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# until_open PORT
until_open() {
	python3 - "$1" <<-'PY'
		import socket, sys, time
		for _ in range(200):
		    try:
		        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
		        break
		    except OSError:
		        time.sleep(0.05)
		else:
		    sys.exit("nothing listens")
	PY
}

# http_start ROOT: git http-backend behind nginx, for the repositories in ROOT;
# user ci, password letmein. Its address is in http_url; http_port is its port.
http_start() {
	http_port=$(free_port)
	# shellcheck disable=SC2034 # for the test
	http_url=http://127.0.0.1:$http_port
	mkdir -p nginx/tmp
	printf 'ci:%s\n' "$(openssl passwd -apr1 letmein)" >nginx/users
	cat >nginx/conf <<-CONF
		daemon off;
		master_process off;
		pid $PWD/nginx/pid;
		error_log $PWD/nginx/error.log;
		events {}
		http {
			access_log $PWD/nginx/access.log;
			client_max_body_size 0;
			client_body_temp_path $PWD/nginx/tmp/a;
			proxy_temp_path $PWD/nginx/tmp/b;
			fastcgi_temp_path $PWD/nginx/tmp/c;
			uwsgi_temp_path $PWD/nginx/tmp/d;
			scgi_temp_path $PWD/nginx/tmp/e;
			server {
				listen 127.0.0.1:$http_port;
				location / {
					auth_basic git;
					auth_basic_user_file $PWD/nginx/users;
					fastcgi_pass unix:$PWD/nginx/cgi;
					fastcgi_param SCRIPT_FILENAME $(git --exec-path)/git-http-backend;
					fastcgi_param GIT_PROJECT_ROOT $1;
					fastcgi_param GIT_HTTP_EXPORT_ALL "";
					fastcgi_param PATH_INFO \$uri;
					fastcgi_param QUERY_STRING \$query_string;
					fastcgi_param REQUEST_METHOD \$request_method;
					fastcgi_param CONTENT_TYPE \$content_type;
					fastcgi_param CONTENT_LENGTH \$content_length;
					fastcgi_param HTTP_CONTENT_ENCODING \$http_content_encoding;
					fastcgi_param HTTP_GIT_PROTOCOL \$http_git_protocol;
					fastcgi_param REMOTE_USER \$remote_user;
					fastcgi_param REMOTE_ADDR \$remote_addr;
				}
			}
		}
	CONF
	setsid "$(server_program fcgiwrap)" -s "unix:$PWD/nginx/cgi" 2>nginx/cgi.log &
	servers="$servers $!"
	setsid "$(server_program nginx)" -p "$PWD/nginx" -c "$PWD/nginx/conf" 2>nginx/start.log &
	servers="$servers $!"
	until_open "$http_port"
}

# ssh_start: sshd for the keys in the folder ssh, made here. GIT_SSH_COMMAND is
# set so that git's ssh uses them and nothing of the user's; ssh_url is its
# address, to which a path belongs.
ssh_start() {
	ssh_port=$(free_port)
	mkdir -m 700 ssh
	ssh-keygen -q -t ed25519 -N '' -f ssh/host
	ssh-keygen -q -t ed25519 -N '' -f ssh/user
	ssh-keygen -q -t ed25519 -N '' -f ssh/stranger
	cp ssh/user.pub ssh/authorized
	cat >ssh/config <<-CONF
		Port $ssh_port
		ListenAddress 127.0.0.1
		HostKey $PWD/ssh/host
		PidFile $PWD/ssh/pid
		AuthorizedKeysFile $PWD/ssh/authorized
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
	CONF
	# Its separation of privileges wants a folder, where root starts it.
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	setsid "$(server_program sshd)" -D -e -f "$PWD/ssh/config" 2>ssh/log &
	servers="$servers $!"
	until_open "$ssh_port"
	printf '[127.0.0.1]:%s %s\n' "$ssh_port" "$(cat ssh/host.pub)" >ssh/known
	# shellcheck disable=SC2034 # for the test
	ssh_url=ssh://$(id -un)@127.0.0.1:$ssh_port
	ssh_as user
}
# ssh_as KEY: of the folder ssh.
ssh_as() {
	GIT_SSH_COMMAND="ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes"
	GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o UserKnownHostsFile=$PWD/ssh/known -i $PWD/ssh/$1"
	export GIT_SSH_COMMAND
}
