import * as workflows from '../../workflows/index';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';

describe("Temporal's registry", () => {
  it('holds exactly the workflows: each function exported from the entry file is a type that anybody may start', () => {
    expect(Object.keys(workflows).sort()).toEqual([
      'createVolume',
      'createVolumeFromBackup',
      'deleteBackup',
      'deleteVolume',
      'explainCreation',
      'extendVolume',
      'reconcile',
      'restoreVolume',
    ]);
  });

  it('uses no more search attributes than PostgreSQL gives a namespace', () => {
    const ofType = (type: string): number => SEARCH_ATTRIBUTES.filter((key) => key.type === type).length;
    expect(ofType('KEYWORD')).toBeLessThanOrEqual(10);
    expect(ofType('INT')).toBeLessThanOrEqual(3);
    expect(ofType('BOOL')).toBeLessThanOrEqual(3);
  });
});
