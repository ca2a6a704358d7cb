#!/usr/bin/env bash
# One batch over several nodes: a Dask scheduler and the command on the first, a worker a task.
#   sbatch --export=ALL,STUDY=/srv/studies/toko,VENV=/srv/cxkit/.venv slurm.sh
# Study and environment lie on a disk that every node sees. Submitted again, it goes on.
#SBATCH --job-name=cxkit
#SBATCH --ntasks=16
#SBATCH --mem-per-cpu=2G
#SBATCH --time=06:00:00
#SBATCH --no-kill
#SBATCH --signal=B:TERM@60
#SBATCH --output=cxkit-%j.log
set -euo pipefail

: "${STUDY:?the folder of the study}" "${VENV:?the environment that holds cxkit[dask]}"
export PATH="$VENV/bin:$PATH"
own="$(mktemp -d "$STUDY/.dask-XXXXXX")"   # nobody else may read it

tidy() {
    trap - EXIT
    jobs -p | xargs -r kill 2> /dev/null || true
    wait
    rm -rf "$own"
}
trap tidy EXIT
trap 'exit 143' TERM INT

# Whoever reaches a Dask scheduler can run anything as you: only who has this night's key may.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=cxkit \
    -keyout "$own/key.pem" -out "$own/cert.pem" 2> /dev/null
export DASK_LOGGING__DISTRIBUTED=warning
export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True
export DASK_DISTRIBUTED__COMM__TLS__CA_FILE="$own/cert.pem"
for role in SCHEDULER WORKER CLIENT; do
    export "DASK_DISTRIBUTED__COMM__TLS__${role}__CERT=$own/cert.pem"
    export "DASK_DISTRIBUTED__COMM__TLS__${role}__KEY=$own/key.pem"
done

address="$own/scheduler.json"
quiet=(--no-dashboard --dashboard-address 127.0.0.1:0)
dask scheduler --protocol tls --port 0 "${quiet[@]}" --scheduler-file "$address" &
scheduler=$!
srun --kill-on-bad-exit=0 dask worker --scheduler-file "$address" --nworkers 1 --nthreads 1 \
    --death-timeout 60 "${quiet[@]}" &
until [ -s "$address" ]; do
    kill -0 "$scheduler"
    sleep 1
done

cxkit batch "$STUDY" --timeout 600 --memory 1500 --scheduler "$address" &
wait $!
