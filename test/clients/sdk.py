"""What programs do with openstacksdk. sdk.py NAME ARGUMENTS: calls the function, prints what it returns as JSON."""

import json
import sys

import openstack


def create(cloud, name, backup):
    """By the proxy, as most programs do."""
    volume = cloud.block_storage.create_volume(name=name, size=1, backup_id=backup)
    begun = volume.status
    volume = cloud.block_storage.wait_for_status(volume, "available", failures=["error"], interval=1, wait=60)
    return {"id": volume.id, "begun": begun, "status": volume.status, "metadata": volume.metadata, "backup": volume.backup_id}


def create_by_cloud_layer(cloud, name, backup):
    """As Ansible's modules do; waits by itself."""
    volume = cloud.create_volume(1, name=name, backup_id=backup, timeout=60)
    return {"id": volume.id, "status": volume.status}


def fail(cloud, name, backup):
    """Waits for a volume that will never be; then asks for the reason."""
    try:
        cloud.create_volume(1, name=name, backup_id=backup, timeout=60)
        raise AssertionError("It did not fail")
    except openstack.exceptions.ResourceFailure as failure:
        volume = cloud.block_storage.find_volume(name, ignore_missing=False)
        messages = cloud.block_storage.get(
            f"/messages?resource_uuid={volume.id}", microversion="3.5"
        ).json()["messages"]
        return {
            "failure": str(failure),
            "status": volume.status,
            "reasons": [message["user_message"] for message in messages],
        }


def refusals(cloud, backup):
    """The exceptions that a program sees, with their texts."""
    attempts = {
        "unknown zone": lambda: cloud.block_storage.create_volume(size=1, backup_id=backup, availability_zone="zz"),
        "unknown backup": lambda: cloud.block_storage.create_volume(
            size=1, backup_id="00000000-0000-4000-8000-000000000000"
        ),
        "unknown volume": lambda: cloud.block_storage.get_volume("00000000-0000-4000-8000-000000000000"),
        "no size": lambda: cloud.block_storage.create_volume(size=0, backup_id=backup),
    }
    found = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            found[name] = None
        except openstack.exceptions.HttpException as refusal:
            found[name] = {"kind": type(refusal).__name__, "status": refusal.status_code, "says": refusal.details}
    return found


def edit(cloud, volume):
    """Metadata, name, flags; by id and by name."""
    storage = cloud.block_storage
    storage.set_volume_metadata(volume, tier="gold", owner="mary")
    storage.delete_volume_metadata(volume, ["owner"])
    storage.update_volume(volume, name="edited", description="by the SDK")
    storage.set_volume_bootable_status(volume, True)
    storage.set_volume_readonly(volume, True)
    found = storage.find_volume("edited", ignore_missing=False)
    return {
        "id": found.id,
        "description": found.description,
        "bootable": found.is_bootable,
        "metadata": storage.get_volume_metadata(volume).metadata,
    }


def lists(cloud):
    """Whole, page by page, and summed up."""
    storage = cloud.block_storage
    return {
        "volumes": [volume.name for volume in storage.volumes()],
        "paged": [volume.name for volume in storage.volumes(limit=1)],
        "backups": [backup.name for backup in storage.backups()],
        "count": storage.summary(all_projects=False).total_count,
        "types": [kind.name for kind in storage.types()],
        "zones": [zone.name for zone in storage.availability_zones()],
    }


def restore(cloud, backups):
    """Each into a new volume, side by side."""
    storage = cloud.block_storage
    begun = [storage.restore_backup(backup, name=f"s-of-{backup}") for backup in backups]
    volumes = [storage.get_volume(each.volume_id) for each in begun]
    done = [storage.wait_for_status(each, "available", failures=["error"], interval=1, wait=60) for each in volumes]
    return [{"status": volume.status, "metadata": volume.metadata} for volume in done]


def administer(cloud, project):
    storage = cloud.block_storage
    quotas = [storage.get_quota_set(project).gigabytes, storage.update_quota_set(project, gigabytes=700).gigabytes]
    storage.revert_quota_set(project)
    backend = storage.find_service("cinder-volume", ignore_missing=False)
    switched = []
    for switch in (lambda: storage.disable_service(backend, reason="new disks"), lambda: storage.enable_service(backend)):
        switch()
        found = storage.find_service("cinder-volume", ignore_missing=False)
        switched.append([found.status, found.disabled_reason])
    return {
        "backups_used": storage.get_limits().absolute.total_backups_used,
        "gigabytes": quotas,
        "services": [service.binary for service in storage.services()],
        "pools": [pool.name for pool in storage.backend_pools()],
        "switched": switched,
        "extensions": [extension.alias for extension in storage.extensions()],
    }


def delete(cloud, volume):
    found = cloud.block_storage.get_volume(volume)
    cloud.block_storage.delete_volume(found)
    cloud.block_storage.wait_for_delete(found, interval=1, wait=60)
    return [left.id for left in cloud.block_storage.volumes()]


FLOWS = (create, create_by_cloud_layer, fail, refusals, edit, lists, restore, administer, delete)

if __name__ == "__main__":
    flow = {each.__name__: each for each in FLOWS}[sys.argv[1]]
    print(json.dumps(flow(openstack.connect(), **json.loads(sys.argv[2]))))
