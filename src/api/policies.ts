import type { Call, Route } from './route';

/** One of Cinder's policies, and the least that it asks of who is no admin. */
export interface Policy {
  readonly rule: string;
  readonly least: 'isReader' | 'isMember';
}

/**
 * Under which of Cinder's policies a request falls (Cinder policies/*.py): who looks must be a reader, who changes something a
 * member (H-28). What is for admins alone the handlers say, once they know the resource (H-29).
 */
export function policyOf({ method, path }: Route, { body }: Call): Policy {
  const action = path.endsWith('/action') ? actionIn(body) : null;
  const isReading = method === 'get' || action === 'os-show_image_metadata';
  return { rule: ruleOf(`${method} ${path}`, action), least: isReading ? 'isReader' : 'isMember' };
}

/** What has no rule of Cinder's is called by its route. */
function ruleOf(route: string, action: string | null): string {
  const name = action === null ? route : `${route} ${action}`;
  return (Object.hasOwn(RULES, name) ? RULES[name] : null) ?? route;
}

const RULES: Readonly<Record<string, string>> = {
  'post /volumes': 'volume:create',
  'get /volumes': 'volume:get_all',
  'get /volumes/detail': 'volume:get_all',
  'get /volumes/summary': 'volume:get_all',
  'get /volumes/:id': 'volume:get',
  'put /volumes/:id': 'volume:update',
  'delete /volumes/:id': 'volume:delete',
  'get /volumes/:id/metadata': 'volume:get_volume_metadata',
  'post /volumes/:id/metadata': 'volume:create_volume_metadata',
  'put /volumes/:id/metadata': 'volume:update_volume_metadata',
  'get /volumes/:id/metadata/:key': 'volume:get_volume_metadata',
  'put /volumes/:id/metadata/:key': 'volume:update_volume_metadata',
  'delete /volumes/:id/metadata/:key': 'volume:delete_volume_metadata',
  'post /backups': 'backup:create',
  'get /backups': 'backup:get_all',
  'get /backups/detail': 'backup:get_all',
  'get /backups/:id': 'backup:get',
  'put /backups/:id': 'backup:update',
  'delete /backups/:id': 'backup:delete',
  'post /backups/:id/restore': 'backup:restore',
  'post /backups/import_record': 'backup:backup-import',
  'get /backups/:id/export_record': 'backup:export-import',
  'get /messages': 'message:get_all',
  'get /messages/:id': 'message:get',
  'delete /messages/:id': 'message:delete',
  'get /types': 'volume_extension:type_get_all',
  'get /types/default': 'volume_extension:type_get',
  'get /types/:id': 'volume_extension:type_get',
  'get /snapshots': 'volume:get_all_snapshots',
  'get /snapshots/detail': 'volume:get_all_snapshots',
  'get /snapshots/:id': 'volume:get_snapshot',
  'get /limits': 'limits_extension:used_limits',
  'post /volumes/:id/action os-set_bootable': 'volume:update',
  'post /volumes/:id/action os-update_readonly_flag': 'volume:update_readonly_flag',
  'post /volumes/:id/action os-extend': 'volume:extend',
  'post /volumes/:id/action os-retype': 'volume:retype',
  'post /volumes/:id/action os-reimage': 'volume:reimage',
  'post /volumes/:id/action revert': 'volume:revert_to_snapshot',
  'post /volumes/:id/action os-show_image_metadata': 'volume:get_volume_metadata',
  'post /volumes/:id/action os-set_image_metadata': 'volume_extension:volume_image_metadata:set',
  'post /volumes/:id/action os-unset_image_metadata': 'volume_extension:volume_image_metadata:remove',
  'post /volumes/:id/action os-reserve': 'volume_extension:volume_actions:reserve',
  'post /volumes/:id/action os-unreserve': 'volume_extension:volume_actions:unreserve',
  'post /volumes/:id/action os-begin_detaching': 'volume_extension:volume_actions:begin_detaching',
  'post /volumes/:id/action os-roll_detaching': 'volume_extension:volume_actions:roll_detaching',
  'post /volumes/:id/action os-attach': 'volume_extension:volume_actions:attach',
  'post /volumes/:id/action os-detach': 'volume_extension:volume_actions:detach',
  'post /volumes/:id/action os-initialize_connection': 'volume_extension:volume_actions:initialize_connection',
  'post /volumes/:id/action os-terminate_connection': 'volume_extension:volume_actions:terminate_connection',
  'post /volumes/:id/action os-volume_upload_image': 'volume_extension:volume_actions:upload_image',
  'post /volumes/:id/action os-reset_status': 'volume_extension:volume_admin_actions:reset_status',
  'post /volumes/:id/action os-force_delete': 'volume_extension:volume_admin_actions:force_delete',
  'post /volumes/:id/action os-force_detach': 'volume_extension:volume_admin_actions:force_detach',
  'post /volumes/:id/action os-migrate_volume': 'volume_extension:volume_admin_actions:migrate_volume',
  'post /volumes/:id/action os-migrate_volume_completion':
    'volume_extension:volume_admin_actions:migrate_volume_completion',
  'post /volumes/:id/action os-extend_volume_completion':
    'volume_extension:volume_admin_actions:extend_volume_completion',
  'post /volumes/:id/action os-unmanage': 'volume_extension:volume_unmanage',
  // Ours: who may not create has no business to know.
  'post /volumes/rekindle-explain': 'volume:create',
  // Ours: the volume is created once more.
  'post /volumes/:id/action rekindle-retry': 'volume:create',
  'post /backups/:id/action os-reset_status': 'volume_extension:backup_admin_actions:reset_status',
  'post /backups/:id/action os-force_delete': 'volume_extension:backup_admin_actions:force_delete',
};

/** Its name is the body's only key; a body without is refused afterwards, in other words. */
function actionIn(body: unknown): string | null {
  return typeof body === 'object' && body !== null ? (Object.keys(body)[0] ?? null) : null;
}
