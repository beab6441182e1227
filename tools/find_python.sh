#!/bin/sh
# Prints the first Python that can make pitwire's environment. Where none can, says on stderr what to install, and fails.
# The candidates: the environment variable PYTHON alone if it is set, else the usual names.
too_old=""
no_venv=""
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case "$version" in
        3.11 | 3.12 | 3.13) ;;
        *) too_old="$too_old $candidate ($version)"; continue ;;
    esac
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$candidate"
        exit 0
    fi
    no_venv="${no_venv:-$version}"
done
if [ -n "$no_venv" ]; then
    cat >&2 <<END
pitwire: Python $no_venv is here, but it cannot make a virtual environment: its modules venv and ensurepip are missing.
    Debian, Ubuntu:  apt-get install python3-venv      (or python$no_venv-venv)
then run make again.
END
else
    cat >&2 <<END
pitwire: needs Python 3.11, 3.12 or 3.13; found:${too_old:- none}. Install one of them, with venv:
    Debian, Ubuntu:  apt-get install python3 python3-venv      (Debian 12, Ubuntu 24.04 or newer)
    Fedora:          dnf install python3.13
    macOS:           brew install python@3.13
    any:             pyenv install 3.13, or the installer from python.org
then run make again, or say which one to use: make PYTHON=/path/to/python3.13 ...
END
fi
exit 1
