#!/usr/bin/env bash
# Makes the fonts of the printed report again, from published packages only.
#
# The npm packages carry Titillium Web and Roboto Mono cut by script and as WOFF; a PDF wants one TrueType
# file for each weight. Latin and Latin Extended are joined, layout tables that the page does not use are
# dropped, and DejaVu Sans, the fallback for characters that Titillium lacks, is cut to left-to-right
# alphabets, punctuation and symbols. The results are committed: building the program needs neither network nor Python.
#
# usage: assets/fonts/build.sh     needs: npm, python3 with venv
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for package in @fontsource/titillium-web@5.3.0 @fontsource/roboto-mono@5.3.0 dejavu-fonts-ttf@2.37.3; do
    mkdir -p "pkg/$package"
    tar -xzf "$(npm pack --silent "$package")" -C "pkg/$package" --strip-components=1
done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check fonttools==4.59.0

titillium=pkg/@fontsource/titillium-web@5.3.0
mono=pkg/@fontsource/roboto-mono@5.3.0
dejavu=pkg/dejavu-fonts-ttf@2.37.3

venv/bin/python - "$here" "$titillium/files/titillium-web" "$mono/files/roboto-mono" <<'PY'
import sys
from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont

out, titillium, mono = sys.argv[1:4]
LAYOUT = ("GSUB", "GPOS", "GDEF", "kern", "DSIG", "gasp", "fpgm", "prep", "cvt ", "hdmx", "VDMX", "LTSH")


def plain(path, to):
    font = TTFont(path)
    font.flavor = None
    for table in LAYOUT:
        if table in font:
            del font[table]
    font.save(to)


def join(stem, weight, name, family, style):
    parts = []
    for script in ("latin", "latin-ext"):
        part = f"{script}.ttf"
        plain(f"{stem}-{script}-{weight}.woff", part)
        parts.append(part)
    font = Merger(Options()).merge(parts)
    for record, text in ((1, family), (2, style), (4, f"{family} {style}"), (6, name)):
        font["name"].setName(text, record, 3, 1, 0x409)
        font["name"].removeNames(nameID=record, platformID=1)
    # The time of the build would make every run a different file.
    font["head"].created = font["head"].modified = 3406620153
    font.recalcTimestamp = False
    font.save(f"{out}/{name}.ttf")
    print(name, len(font.getGlyphOrder()), "glyphs")


for weight, style in (("400-normal", "Regular"), ("600-normal", "SemiBold"), ("700-normal", "Bold"),
                      ("400-italic", "Italic")):
    join(titillium, weight, f"TitilliumWeb-{style}", "Titillium Web", style)
join(mono, "400-normal", "RobotoMono-Regular", "Roboto Mono", "Regular")
PY

venv/bin/pyftsubset "$dejavu/ttf/DejaVuSans.ttf" --output-file="$here/DejaVuSans-Fallback.ttf" \
    --unicodes="U+20-7E,U+A0-52F,U+1D00-1DBF,U+1E00-1FFF,U+2000-2BFF,U+FB00-FB06,U+FFFD" \
    --layout-features='' --drop-tables+=GSUB,GPOS,GDEF,kern,FFTM --no-hinting --name-IDs='*' --notdef-outline \
    --no-recalc-timestamp

cp "$titillium/LICENSE" "$here/LICENSE-TitilliumWeb.txt"
cp "$mono/LICENSE" "$here/LICENSE-RobotoMono.txt"
cp "$dejavu/LICENSE" "$here/LICENSE-DejaVu.txt"
ls -l "$here"
