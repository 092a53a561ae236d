/** The parameters of a list that aren't filters. */
export const LIST_PARAMETERS: readonly string[] = [
  'limit',
  'offset',
  'marker',
  'sort',
  'sort_key',
  'sort_dir',
  'with_count',
  'all_tenants',
];
