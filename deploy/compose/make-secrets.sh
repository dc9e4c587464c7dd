#!/bin/sh
# Makes what compose.yaml needs and nobody else may know, once: what is there stays. Then it says how to sign in.
set -eu
cd "$(dirname "$0")/../.."
folder=deploy/compose/secrets
mkdir -p "$folder"
# Nobody else of this machine gets into the folder. The files themselves are read by the users of the containers.
chmod 700 "$folder"

make() {
  [ -e "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"
  chmod 644 "$folder/$1"
}
make database_password "$(openssl rand -hex 24)"
make database_url "postgres://fonechat:$(cat "$folder/database_password")@postgres/fonechat"
make secret_key "$(openssl rand -hex 32)"
make auth_token "$(openssl rand -hex 16)"
grep -qs '^ACCOUNT_SID=' .env || echo "ACCOUNT_SID=AC$(openssl rand -hex 16)" >>.env

echo "export SID=$(sed -n 's/^ACCOUNT_SID=//p' .env) TOKEN=$(cat "$folder/auth_token")"
