#!/bin/sh
# Adds LIIF-GAN to this user's menu; the programs stay in this folder. `--remove` undoes it.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$share/applications/liifgan.desktop
if [ "${1:-}" = --remove ]; then
    rm -f "$entry" "$share/metainfo/org.liifgan.app.metainfo.xml"
    rm -f "$share"/icons/hicolor/*/apps/liifgan.png "$share"/icons/hicolor/*/apps/liifgan.svg
    exit
fi
mkdir -p "$share"
cp -R "$here/share/." "$share/"
# The path is quoted twice, as the Desktop Entry Specification has it: once as an argument, where
# four characters need a backslash, then as a value, where a backslash needs another one.
quoted=$(printf '%s' "$here/liifgan-app" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')
program=$(printf '%s' "$quoted" | sed 's/[\\&|]/\\&/g')
sed "s|^Exec=liifgan-app|Exec=\"$program\"|" "$here/share/applications/liifgan.desktop" >"$entry"
echo "LIIF-GAN is in the menu; '$0 --remove' takes it out."
