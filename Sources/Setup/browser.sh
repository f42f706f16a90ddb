#!/bin/sh
# Opens pages of `alexbench report --format html` in a headless Chromium, in a wide and in a narrow window, light and
# dark, and reads what each page's check of itself found: script errors, empty charts, invisible marks, cut and
# overlapping words, a page wider than the window. Fails on the first finding, and on a page that checked nothing.
#
#     browser.sh PAGE.html…     Exit codes: 0 fine, 1 a finding, 2 no browser.
#
# A narrow window is a frame in a page of its own, because Chromium makes no window below 500 pixels.
set -u
browser=''
for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then browser=$name; break; fi
done
[ -n "$browser" ] || { echo "browser.sh: no chromium; to install it, type: apt-get install -y chromium" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/browser-test-XXXXXX")
trap 'rm -rf "$work"' EXIT

# look PAGE PIXELS light|dark: prints the page's verdict.
look() {
    # The frame's page wrote its verdict before the frame's load event ended; a moment later it is copied out.
    cat >"$work/frame.html" <<HTML
<html><body style="margin:0"><iframe src="file://$1" style="border:0;width:$2px;height:900px"></iframe><script>
document.querySelector('iframe').onload = function () { var frame = this; setTimeout(function () {
  document.body.innerHTML = '';
  document.documentElement.dataset.verdict = frame.verdict || 'no verdict'; }, 300);
  setTimeout(function () { frame.verdict = frame.contentDocument.documentElement.dataset.check; }, 200); };
</script></body></html>
HTML
    scheme=''
    [ "$3" = light ] || scheme='--blink-settings=preferredColorScheme=0'
    # shellcheck disable=SC2086
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run $scheme \
        --allow-file-access-from-files --user-data-dir="$work/profile" --window-size=1400,1000 \
        --virtual-time-budget=5000 --dump-dom "file://$work/frame.html" 2>"$work/err" </dev/null |
        sed -n 's/.*data-verdict="\([^"]*\)".*/\1/p' | head -n 1
}

for page in "$@"; do
    case "$page" in /*) ;; *) page="$PWD/$page" ;; esac
    for theme in light dark; do
        for pixels in 360 1280; do
            verdict=$(look "$page" "$pixels" "$theme")
            case "$verdict" in
                'fine, 0 charts') echo "$page: no chart"; exit 1 ;;
                fine,*) echo "${page##*/}, $pixels px, $theme: $verdict" ;;
                *) echo "$page, $pixels px, $theme: ${verdict:-nothing: the browser failed: $(tail -n 1 "$work/err")}"
                   exit 1 ;;
            esac
        done
    done
done
