"""Makes a token that ends when the test wants it to, by the keys of a Keystone that serve.py started.

token_that_expires.py FOLDER USER PROJECT SECONDS
  USER, PROJECT  ids
  SECONDS        from now; negative for a token that has expired

Prints the token.
"""

import datetime
import os
import sys

import keystone.conf
from keystone.server import configure
from keystone.token import token_formatters


def main(folder: str, user: str, project: str, seconds: int) -> None:
    configure(config_files=[os.path.join(folder, "keystone.conf")])
    now = datetime.datetime.now(datetime.timezone.utc)
    ends = now + datetime.timedelta(seconds=seconds)
    token = token_formatters.TokenFormatter().create_token(
        user,
        ends.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        ["ZzZzZzZzZzZzZzZzZzZzZg"],
        token_formatters.ProjectScopedPayload,
        methods=["password"],
        project_id=project,
    )
    print(token)


if __name__ == "__main__":
    # Keystone would read the arguments as its own.
    arguments = sys.argv[1:]
    del sys.argv[1:]
    main(arguments[0], arguments[1], arguments[2], int(arguments[3]))
