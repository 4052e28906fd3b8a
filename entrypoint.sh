#!/bin/sh
# Entry point of the image with a shell: brings the database up to date, then becomes the command.
#   (no arguments)      upgrade and end, as an init container or a Job does
#   CMD ARG…            upgrade, then become CMD: same process id, so signals and exit codes are its own
#   slipway COMMAND …   any other slipway command, for a person: `slipway status`
set -eu

program=/opt/slipway/slipway.cjs

if [ "$#" -eq 0 ]; then
  exec node "$program" upgrade
fi
if [ "$1" = slipway ]; then
  shift
  exec node "$program" "$@"
fi
exec node "$program" run -- "$@"
