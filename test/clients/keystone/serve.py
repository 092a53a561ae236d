"""A real Keystone for tests: in SQLite, with the users, projects and endpoints that they need.

serve.py FOLDER REQUEST
  FOLDER   an empty folder, for the database and the keys
  REQUEST  JSON: {"projects": {name: {user: role}}, "endpoints": {type: url}, "password": "of all users"}

Prints one line of JSON when it answers: {"url": ..., "projects": {name: id}, "users": {name: id}}.
It ends when its input does, so that it cannot outlive who started it.
"""

import json
import os
import socket
import sys
import threading
from unittest import mock

import waitress
from cryptography.fernet import Fernet
from keystone.cmd.bootstrap import Bootstrapper
from keystone.common import provider_api
from keystone.common.sql import upgrades
from keystone.server.flask.core import initialize_application

from surroundings import configuration_file

PROVIDERS = provider_api.ProviderAPIs
REGION = "RegionOne"


def make_key(folder: str) -> None:
    """What `keystone-manage fernet_setup` does; Keystone wants it done before it starts."""
    repository = os.path.join(folder, "fernet")
    os.mkdir(repository, mode=0o700)
    with open(os.path.join(repository, "1"), "wb") as file:
        file.write(Fernet.generate_key())


def bootstrap(url: str, password: str) -> str:
    """What `keystone-manage bootstrap` does; gives the default domain's id."""
    # The application has loaded them already.
    with mock.patch("keystone.cmd.bootstrap.backends.load_backends"):
        boot = Bootstrapper()
    boot.project_name = boot.admin_username = "bootstrap"
    boot.admin_password = password
    boot.admin_role_name = "admin"
    boot.manager_role_name = "manager"
    boot.member_role_name = "member"
    boot.reader_role_name = "reader"
    boot.service_role_name = "service"
    boot.service_name = "keystone"
    boot.region_id = REGION
    boot.public_url = boot.internal_url = boot.admin_url = url
    boot.bootstrap()
    return boot.default_domain_id


class Population:
    """Users and projects, made when they are first named."""

    def __init__(self, domain: str, password: str) -> None:
        self.domain = domain
        self.password = password
        self.projects: dict[str, str] = {}
        self.users: dict[str, str] = {}
        self.roles = {role["name"]: role["id"] for role in PROVIDERS.role_api.list_roles()}

    def grant(self, user: str, role: str, project: str) -> None:
        PROVIDERS.assignment_api.add_role_to_user_and_project(
            self.user(user), self.project(project), self.roles[role]
        )

    def project(self, name: str) -> str:
        if name not in self.projects:
            project = {"id": os.urandom(16).hex(), "name": name, "domain_id": self.domain, "enabled": True}
            self.projects[name] = PROVIDERS.resource_api.create_project(project["id"], project)["id"]
        return self.projects[name]

    def user(self, name: str) -> str:
        if name not in self.users:
            user = {"name": name, "domain_id": self.domain, "enabled": True, "password": self.password}
            self.users[name] = PROVIDERS.identity_api.create_user(user)["id"]
        return self.users[name]


def publish(endpoints: dict) -> None:
    for type_, url in endpoints.items():
        service = os.urandom(16).hex()
        PROVIDERS.catalog_api.create_service(
            service, {"id": service, "type": type_, "name": type_, "enabled": True}
        )
        for interface in ("public", "internal", "admin"):
            endpoint = os.urandom(16).hex()
            PROVIDERS.catalog_api.create_endpoint(
                endpoint,
                {
                    "id": endpoint,
                    "service_id": service,
                    "interface": interface,
                    "region_id": REGION,
                    "url": url,
                    "enabled": True,
                },
            )


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def main(folder: str, request: dict) -> None:
    make_key(folder)
    application = initialize_application("public", config_files=[configuration_file(folder)])
    upgrades.offline_sync_database_to_version()
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v3"
    with application.app_context():
        population = Population(bootstrap(url, request["password"]), request["password"])
        for project, users in request["projects"].items():
            for user, role in users.items():
                population.grant(user, role, project)
        publish(request["endpoints"])
    threading.Thread(target=end_with_input, daemon=True).start()
    # SQLite locks: a login that writes would fail where another reads.
    server = waitress.create_server(application, sockets=[listener], threads=1)
    print(json.dumps({"url": url, "projects": population.projects, "users": population.users}), flush=True)
    server.run()


if __name__ == "__main__":
    # Keystone would read the arguments as its own.
    _, where, what = sys.argv
    del sys.argv[1:]
    main(where, json.loads(what))
