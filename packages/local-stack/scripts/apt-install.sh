#!/bin/sh
# apt-install.sh PACKAGE: installs a Debian package without starting its system service.
set -eu
policy=/usr/sbin/policy-rc.d # asked by maintainer scripts before they start a service; 101 is "no"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

get() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

if [ ! -e "$policy" ]; then # an existing policy, as in containers, stays
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
get install --no-install-recommends "$1" || { # the lists are missing, or older than the mirror
  get update
  get install --no-install-recommends "$1"
}
