// What programs do with gophercloud: `gophercloud FLOW BACKUP` logs in by the environment, prints JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
)

type flow func(context.Context, *gophercloud.ProviderClient, string) (any, error)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	flows := map[string]flow{
		"create":    createAt("3.47"),
		"csi":       createAt("3.51"),
		"terraform": terraform,
		"refusals":  refusals,
	}
	options, err := openstack.AuthOptionsFromEnv()
	check(err)
	provider, err := openstack.AuthenticatedClient(ctx, options)
	check(err)
	result, err := flows[os.Args[1]](ctx, provider, os.Args[2])
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(result))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// At 3.0 unless told otherwise, as in programs that set none.
func storage(provider *gophercloud.ProviderClient, microversion string) (*gophercloud.ServiceClient, error) {
	client, err := openstack.NewBlockStorageV3(provider, gophercloud.EndpointOpts{})
	if client != nil {
		client.Microversion = microversion
	}
	return client, err
}

// A volume from a backup, waited for (H-130, H-158).
func createAt(microversion string) flow {
	return func(ctx context.Context, provider *gophercloud.ProviderClient, backup string) (any, error) {
		client, err := storage(provider, microversion)
		if err != nil {
			return nil, err
		}
		source, err := backups.Get(ctx, client, backup).Extract()
		if err != nil {
			return nil, err
		}
		options := volumes.CreateOpts{Name: "g-restored", Size: source.Size, BackupID: backup}
		begun, err := volumes.Create(ctx, client, options, nil).Extract()
		if err != nil {
			return nil, err
		}
		if err := volumes.WaitForStatus(ctx, client, begun.ID, "available"); err != nil {
			return nil, err
		}
		volume, err := volumes.Get(ctx, client, begun.ID).Extract()
		if err != nil {
			return nil, err
		}
		page, err := volumes.List(client, volumes.ListOpts{Name: volume.Name}).AllPages(ctx)
		if err != nil {
			return nil, err
		}
		listed, err := volumes.ExtractVolumes(page)
		return map[string]any{
			"begun":    begun.Status,
			"status":   volume.Status,
			"backup":   volume.BackupID,
			"size":     volume.Size,
			"metadata": volume.Metadata,
			"listed":   len(listed),
		}, err
	}
}

// The type that Terraform is to give a volume.
const newType = "g-retyped"

// What Terraform's openstack_blockstorage_volume_v3 asks for, in its order: create, read, extend, change of type, update, read, delete
// (H-140, H-141, H-159).
func terraform(ctx context.Context, provider *gophercloud.ProviderClient, backup string) (any, error) {
	creator, err := storage(provider, "3.47")
	if err != nil {
		return nil, err
	}
	options := volumes.CreateOpts{Name: "g-terraform", Size: 1, BackupID: backup}
	begun, err := volumes.Create(ctx, creator, options, nil).Extract()
	if err != nil {
		return nil, err
	}
	if err := volumes.WaitForStatus(ctx, creator, begun.ID, "available"); err != nil {
		return nil, err
	}
	client, err := storage(provider, "")
	if err != nil {
		return nil, err
	}
	read, err := volumes.Get(ctx, client, begun.ID).Extract()
	if err != nil {
		return nil, err
	}
	if err := volumes.ExtendSize(ctx, client, begun.ID, volumes.ExtendSizeOpts{NewSize: 2}).ExtractErr(); err != nil {
		return nil, err
	}
	if err := volumes.WaitForStatus(ctx, client, begun.ID, "available"); err != nil {
		return nil, err
	}
	retype := volumes.ChangeTypeOpts{NewType: newType, MigrationPolicy: volumes.MigrationPolicyNever}
	if err := volumes.ChangeType(ctx, client, begun.ID, retype).ExtractErr(); err != nil {
		return nil, err
	}
	if err := volumes.WaitForStatus(ctx, client, begun.ID, "available"); err != nil {
		return nil, err
	}
	name, description := "g-applied", ""
	update := volumes.UpdateOpts{Name: &name, Description: &description, Metadata: map[string]string{"tier": "gold"}}
	if _, err := volumes.Update(ctx, client, begun.ID, update).Extract(); err != nil {
		return nil, err
	}
	updated, err := volumes.Get(ctx, client, begun.ID).Extract()
	if err != nil {
		return nil, err
	}
	if err := volumes.Delete(ctx, client, begun.ID, nil).ExtractErr(); err != nil {
		return nil, err
	}
	return map[string]any{
		"backup":   read.BackupID,
		"size":     updated.Size,
		"name":     updated.Name,
		"type":     updated.VolumeType,
		"metadata": updated.Metadata,
		"gone":     gone(ctx, client, begun.ID),
	}, nil
}

// Terraform polls until a 404.
func gone(ctx context.Context, client *gophercloud.ServiceClient, id string) bool {
	return gophercloud.WaitFor(ctx, func(ctx context.Context) (bool, error) {
		_, err := volumes.Get(ctx, client, id).Extract()
		return gophercloud.ResponseCodeIs(err, 404), nil
	}) == nil
}

// The answers that a program gets as errors, with their bodies.
func refusals(ctx context.Context, provider *gophercloud.ProviderClient, backup string) (any, error) {
	client, err := storage(provider, "3.47")
	if err != nil {
		return nil, err
	}
	const nothing = "00000000-0000-4000-8000-000000000000"
	_, zone := volumes.Create(ctx, client, volumes.CreateOpts{Size: 1, BackupID: backup, AvailabilityZone: "zz"}, nil).Extract()
	_, unknown := volumes.Create(ctx, client, volumes.CreateOpts{Size: 1, BackupID: nothing}, nil).Extract()
	_, absent := volumes.Get(ctx, client, nothing).Extract()
	return []string{zone.Error(), unknown.Error(), absent.Error()}, nil
}
