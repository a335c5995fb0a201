#!/usr/bin/env bash
# The tests of the site; prints TAP and exits with 1 when one fails.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../source/render.sh"

count=0
failures=0
check() {
  local name=$1 expected=$2 actual=$3
  count=$((count + 1))
  if [ "$expected" = "$actual" ]; then
    echo "ok $count - $name"
  else
    echo "not ok $count - $name"
    printf '# expected: %s\n# actual:   %s\n' "$expected" "$actual"
    failures=$((failures + 1))
  fi
}

about="$here/../source/pages/about.txt"
check 'text is escaped' '&lt;a &amp; &quot;b&quot;&gt;' "$(printf '<a & "b">' | escape_html)"
check 'the title is the first line' 'About' "$(page_title "$about")"
check 'a page links to the others and not to itself' '2 0' \
  "$(page_links "$about" | grep -c '<a ') $(page_links "$about" | grep -c 'about.html')"
check 'every line that is not empty is a paragraph' '2' "$(render_page "$about" Test | grep -c '^<p>')"
check 'the site is named in the title' '<title>About - My &amp; site</title>' \
  "$(render_page "$about" 'My & site' | grep '^<title>')"
echo "1..$count"
[ "$failures" -eq 0 ]
