#!/usr/bin/env bash
# One batch over several nodes: a Dask scheduler and the command on the first, a worker for each task.
#   sbatch --export=ALL,STUDY=/srv/studies/toko,VENV=/srv/cxkit/.venv slurm.sh
# The study and the environment lie on a disk that every node sees. Submitted again, it goes on.
#SBATCH --job-name=cxkit
#SBATCH --ntasks=16
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=06:00:00
#SBATCH --output=cxkit-%j.log
set -euo pipefail

: "${STUDY:?the folder of the study}" "${VENV:?the environment that cxkit[dask] is installed in}"
PATH="$VENV/bin:$PATH"
ADDRESS_FILE="$(mktemp -d "$STUDY/.dask-XXXXXX")/scheduler.json"

tidy() {
    local running
    running="$(jobs -p)"
    # shellcheck disable=SC2086 # a process a word
    [ -z "$running" ] || kill $running || true
    wait
    rm -rf "$(dirname "$ADDRESS_FILE")"
}
trap tidy EXIT

dask scheduler --port 0 --no-dashboard --scheduler-file "$ADDRESS_FILE" &
srun dask worker --scheduler-file "$ADDRESS_FILE" --nworkers 1 --nthreads 1 --no-dashboard \
    --death-timeout 60 &

for _ in $(seq 60); do
    [ -s "$ADDRESS_FILE" ] && break
    sleep 1
done
ADDRESS="$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["address"])' "$ADDRESS_FILE")"

cxkit batch "$STUDY" --scheduler "$ADDRESS" --timeout 600 --memory 1500
