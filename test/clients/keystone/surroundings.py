"""What the scripts beside this share: a Keystone's configuration, below one folder."""

import os

CONFIGURATION = """
[DEFAULT]
use_stderr = true
default_log_levels =
[database]
connection = sqlite:///{folder}/keystone.db
[cache]
enabled = false
[identity]
# The passwords are no secrets, and logins are many.
password_hash_rounds = 4
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credentials
"""


def configuration_file(folder: str) -> str:
    path = os.path.join(folder, "keystone.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(folder=folder))
    return path
