export interface VolumeType {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly isPublic: boolean;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

/** S-8: the only zones that its volumes may be in; null: any. */
export function zonesOf({ extraSpecs }: VolumeType): readonly string[] | null {
  return extraSpecs['RESKEY:availability_zones']?.split(',').map((text) => text.trim()) ?? null;
}

/** Cinder volume/volume_utils.py, is_multiattach_spec. */
export function isMultiattach({ extraSpecs }: VolumeType): boolean {
  return extraSpecs['multiattach'] === '<is> True';
}
