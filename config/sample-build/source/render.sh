# Functions that turn a page's text into HTML. A page is a file: its first line is the title, the rest paragraphs.

escape_html() {
  sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'
}

page_title() {
  head -n 1 "$1" | escape_html
}

# Links to all pages of a directory but the one that is being rendered.
page_links() {
  local current=$1 page name
  for page in "$(dirname "$current")"/*.txt; do
    name=$(basename "$page" .txt)
    if [ "$page" = "$current" ]; then
      printf '<b>%s</b>\n' "$(page_title "$page")"
    else
      printf '<a href="%s.html">%s</a>\n' "$name" "$(page_title "$page")"
    fi
  done
}

render_page() {
  local page=$1 site=$2 title
  title=$(page_title "$page")
  printf '<!doctype html>\n<title>%s - %s</title>\n' "$title" "$(printf '%s' "$site" | escape_html)"
  printf '<link rel="stylesheet" href="site.css">\n<nav>\n%s\n</nav>\n<h1>%s</h1>\n' "$(page_links "$page")" "$title"
  tail -n +2 "$page" | escape_html | sed -e '/^$/d' -e 's|.*|<p>&</p>|'
}
