#!/usr/bin/env bash
# Makes the Debian package: packaging/build_deb.sh BINARY FOLDER. Called by ./dev package. Prints the package's path.
# Manual page, completions and the default configuration come from the binary itself.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary=$1
folder=$2
version=$("$binary" version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
root=$folder/root
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || date +%s)}

rm -rf "$folder"
install -d "$root/DEBIAN" "$root/usr/share/doc/headwater" "$root/usr/share/man/man1"
install -D -m 755 "$binary" "$root/usr/bin/headwater"
strip --remove-section=.comment --remove-section=.note "$root/usr/bin/headwater"
install -D -m 644 "$here/headwater.service" "$root/lib/systemd/system/headwater.service"
install -D -m 644 "$here/headwater.sysusers" "$root/usr/lib/sysusers.d/headwater.conf"
install -D -m 644 /dev/stdin "$root/usr/share/bash-completion/completions/headwater" < <("$binary" completion bash)
install -D -m 644 /dev/stdin "$root/usr/share/zsh/vendor-completions/_headwater" < <("$binary" completion zsh)
"$binary" man | gzip -9n >"$root/usr/share/man/man1/headwater.1.gz"
install -D -m 640 /dev/stdin "$root/etc/headwater/headwater.toml" < <(
    HOME=/nonexistent "$binary" serve --print-config | sed 's|^#data-dir = .*|data-dir = "/var/lib/headwater"|'
)
install -m 644 "$here/debian/copyright" "$root/usr/share/doc/headwater/copyright"
gzip -9n >"$root/usr/share/doc/headwater/changelog.gz" <<END
headwater ($version) stable; urgency=medium

  * Built from the source tree; its history is the list of changes.

 -- Headwater maintainers <headwater@localhost>  $(date -uR -d "@$SOURCE_DATE_EPOCH")
END
for file in "$here/../docs/monitoring/"*; do
    install -D -m 644 "$file" "$root/usr/share/doc/headwater/examples/$(basename "$file")"
done

# What the binary links with, by Debian's own tool, which wants a source package around it.
install -D /dev/stdin "$folder/debian/control" <<<$'Source: headwater\n\nPackage: headwater\nArchitecture: any'
depends=$(cd "$folder" && dpkg-shlibdeps -O "$root/usr/bin/headwater" 2>/dev/null | sed 's/^shlibs:Depends=//')
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@DEPENDS@|$depends|" \
    -e "s|@SIZE@|$(du -k --summarize --exclude=DEBIAN "$root" | cut -f1)|" "$here/debian/control.in" >"$root/DEBIAN/control"
install -m 755 "$here/debian/postinst" "$here/debian/prerm" "$here/debian/postrm" "$root/DEBIAN/"
echo /etc/headwater/headwater.toml >"$root/DEBIAN/conffiles"
(cd "$root" && find usr lib -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

package=$folder/headwater_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
