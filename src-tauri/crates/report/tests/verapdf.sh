#!/usr/bin/env bash
# Checks files against PDF/A-3b with veraPDF, the reference validator of the PDF/A standards.
#
# The jar comes from Maven Central through mvn and is kept in target/verapdf.
# usage: verapdf.sh FILE...     exit: 0 all conform, 1 some do not, 2 java, mvn or the jar is missing
set -euo pipefail
version=1.28.2
root=$(cd "$(dirname "$0")/../../../.." && pwd)
cache=${CARGO_TARGET_DIR:-$root/target}/verapdf
jar=$cache/greenfield-apps-$version.jar

command -v java >/dev/null && command -v mvn >/dev/null || { echo "verapdf: java and mvn are needed" >&2; exit 2; }
if [ ! -s "$jar" ]; then
    mkdir -p "$cache"
    mvn --quiet --batch-mode dependency:copy -Dartifact="org.verapdf.apps:greenfield-apps:$version" \
        -DoutputDirectory="$cache" >&2 || { echo "verapdf: the jar could not be fetched" >&2; exit 2; }
fi
exec java -Djava.awt.headless=true -cp "$jar" org.verapdf.apps.GreenfieldCliWrapper --flavour 3b --format text --verbose "$@"
