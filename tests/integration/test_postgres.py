"""The PostgreSQL of the tests is a real server that takes a password and speaks UTF-8."""

import psycopg

from tests.fixtures.postgres import Cluster


def test_the_server_answers_and_keeps_swedish_letters(postgres: Cluster) -> None:
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SELECT 'Räddningstjänsten', current_setting('server_encoding')").fetchone()
    assert row == ("Räddningstjänsten", "UTF8")
