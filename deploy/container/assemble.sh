#!/bin/sh
# assemble.sh <app> <image>: adds to a folder that has usr/local/bin/node what the server needs of a system, and the server.
set -eu
app=$1
image=$2
node=$image/usr/local/bin/node
here=$(dirname "$0")

# What Node is linked with, under the paths at which it looks for it. Names of hosts are looked up by libc itself.
ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$image$(dirname "$library")"
  cp --dereference "$library" "$image$library"
done

# Scanners read from here which versions of which packages these are.
mkdir -p "$image/var/lib/dpkg/status.d" "$image/etc"
for package in libc6 libgcc-s1 libstdc++6; do
  dpkg-query --status "$package" >"$image/var/lib/dpkg/status.d/$package"
done
cp --dereference /etc/os-release "$image/etc/os-release"

echo 'fonechat:x:65532:65532::/data:/nonexistent' >"$image/etc/passwd"
echo 'fonechat:x:65532:' >"$image/etc/group"
# Without it libc would ask DNS first.
echo 'hosts: files dns' >"$image/etc/nsswitch.conf"

# A volume that is made on one of these gets its owner.
mkdir -p "$image/data" "$image/backups" "$image/tmp"
chown 65532:65532 "$image/data" "$image/backups"
chmod 700 "$image/data" "$image/backups"
chmod 1777 "$image/tmp"

install -D -m 644 "$here/healthcheck.js" "$image/usr/local/lib/healthcheck.js"
install -D -m 755 "$here/fonechat" "$image/usr/local/bin/fonechat"
mv "$app" "$image/app"
