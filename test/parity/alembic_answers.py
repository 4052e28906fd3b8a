"""Answers questions with the real Alembic: graphs and cases as JSON on stdin, answers as JSON lines.

Each graph becomes an Alembic environment; each case is one real command against SQLite. What is
taken from memory: the parsed revision files of a graph, and the version table of a starting state.
"""

import io
import json
import logging
import os
import re
import sys
import tempfile
import warnings

import alembic
from alembic import command, util
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.base import Script
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

# As Alembic's cookbook hands a connection to env.py ("Sharing a Connection across one or more
# programmatic migration commands").
ENV_PY = """
from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""

REVISION_PY = """
from alembic import context

revision = {id!r}
down_revision = {revises!r}
branch_labels = {labels!r}
depends_on = {dependsOn!r}


def upgrade():
    context.config.attributes["ran"].append(revision)


def downgrade():
    context.config.attributes["ran"].append(revision)
"""

COMMANDS = {
    "upgrade": command.upgrade,
    "downgrade": command.downgrade,
    "stamp": lambda config, targets: command.stamp(config, targets.split() or [""]),
    "history": command.history,
}

# Alembic reads the folder in the file system's order, which differs from machine to machine.
Script._list_py_dir = classmethod(lambda cls, directory, path: sorted(os.listdir(path)))

# Nothing below changes a script directory, so that one reading of the files serves all commands.
read_directory = ScriptDirectory.from_config
directories = {}


def remembered(config):
    location = config.get_main_option("script_location")
    if location not in directories:
        directories[location] = read_directory(config)
    return directories[location]


ScriptDirectory.from_config = remembered


def write_environment(folder, graph):
    os.makedirs(os.path.join(folder, "versions"))
    with open(os.path.join(folder, "env.py"), "w") as file:
        file.write(ENV_PY)
    for number, node in enumerate(graph["nodes"]):
        name = "%02d_%s.py" % (number, node["id"])
        values = {key: as_written(node[key]) for key in ("revises", "labels", "dependsOn")}
        with open(os.path.join(folder, "versions", name), "w") as file:
            file.write(REVISION_PY.format(id=node["id"], **values))


def as_written(values):
    """As `alembic revision` writes them: None, one, or a tuple."""
    return None if not values else values[0] if len(values) == 1 else tuple(values)


class Database:
    """A version table in memory."""

    def __init__(self, folder):
        engine = create_engine("sqlite://", poolclass=StaticPool)
        self.connection = engine.connect()
        self.config = Config()
        self.config.set_main_option("script_location", folder)
        self.config.attributes["connection"] = self.connection

    def run(self, direction, target):
        """The revisions that a command runs, or lists, in order."""
        self.config.attributes["ran"] = ran = []
        self.config.stdout = io.StringIO()
        COMMANDS[direction](self.config, target)
        return re.findall(r"-> (\w+)", self.config.stdout.getvalue()) or ran

    @property
    def rows(self):
        query = text("select version_num from alembic_version order by version_num")
        return [row[0] for row in self.connection.execute(query)]

    @rows.setter
    def rows(self, rows):
        self.connection.execute(text("delete from alembic_version"))
        for row in rows:
            insert = text("insert into alembic_version (version_num) values (:row)")
            self.connection.execute(insert, {"row": row})


def attempt(work):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = {"verdict": "works", **work()}
        except util.CommandError as error:
            result = refusal("error", error)
        except Exception as error:
            # What reaches the user of Alembic's command line as a traceback.
            result = refusal("crash", error)
    if caught:
        result["warnings"] = sorted({str(each.message) for each in caught})
    return result


def refusal(kind, error):
    reason = "%s: %s" % (type(error).__name__, " ".join(str(error).split()))
    return {"verdict": "refused", "kind": kind, "reason": reason}


def reach(database, state):
    database.run("stamp", "base")
    database.rows = []
    for target in state:
        database.run("upgrade", target)
    return {"rows": database.rows}


def answer(database, rows, direction, target):
    def work():
        database.rows = rows
        return {"ran": database.run(direction, target), "rows": database.rows}

    return attempt(work)


def answers(folder, graph):
    write_environment(folder, graph)
    database = Database(folder)
    states = {}
    for batch in graph["batches"]:
        key = tuple(batch["state"])
        if key not in states:
            states[key] = attempt(lambda: reach(database, key))
        state = states[key]
        # Where Alembic does not get to the state, that is its answer to every question there.
        yield [
            answer(database, state["rows"], batch["direction"], target) if "rows" in state else state
            for target in batch["targets"]
        ]


def main():
    logging.disable(logging.CRITICAL)
    sys.dont_write_bytecode = True
    print(json.dumps({"alembic": alembic.__version__}))
    with tempfile.TemporaryDirectory() as root:
        for number, graph in enumerate(json.load(sys.stdin)):
            folder = os.path.join(root, str(number))
            print(json.dumps(list(answers(folder, graph))))


main()
