"""A batch every night, by Airflow 3. cxkit lives in an environment of its own, not in Airflow's."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    "cxkit_night",
    schedule="15 1 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
) as dag:
    BashOperator(
        task_id="batch",
        # Replaced by the shell, so that the command ends when Airflow ends the task.
        bash_command='exec "$CXKIT" batch "$STUDY" --timeout 600',
        env={"CXKIT": "/srv/cxkit/.venv/bin/cxkit", "STUDY": "/srv/studies/toko"},
        append_env=True,
        # What is done is skipped: a second try makes only what failed.
        retries=2,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=6),
    )
