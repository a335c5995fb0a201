#!/usr/bin/env bash
# Renders every page of source/pages into a directory: source/build.sh DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/render.sh"

output=${1:?usage: source/build.sh DIRECTORY}
mkdir -p "$output"
for page in "$here"/pages/*.txt; do
  name=$(basename "$page" .txt)
  render_page "$page" "${SITE_NAME:-Unnamed site}" > "$output/$name.html"
  echo "wrote $name.html"
done
cp "$here/site.css" "$output/"
echo "wrote site.css"
