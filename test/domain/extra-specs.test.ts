import { meets, unmetDemand } from '../../src/domain/extra-specs';

describe('a capability meets a demand (S-51)', () => {
  it.each<[string, string, boolean]>([
    // No operator: equal as text, booleans as such.
    ['SSD', 'SSD', true],
    ['SSD', 'ssd', false],
    ['two words', 'two words', true],
    ['True', 'true', true],
    ['true', 'False', false],
    ['yes', 'true', false],
    // `=` means at least.
    ['10', '= 10', true],
    ['11', '= 10', true],
    ['9', '= 10', false],
    ['10.0', '== 10', true],
    ['11', '== 10', false],
    ['11', '!= 10', true],
    ['10', '!= 10.0', false],
    ['10', '>= 10', true],
    ['9', '>= 10', false],
    ['10', '<= 10', true],
    ['11', '<= 10', false],
    // What is no number compares with none.
    ['many', '>= 1', false],
    ['many', '!= 1', false],
    ['many', '= many', false],
    ['', '>= 0', false],
    ['SSD', 's== SSD', true],
    ['10', 's== 10.0', false],
    ['SSD', 's!= HDD', true],
    ['SSD', 's!= SSD', false],
    ['a', 's< b', true],
    ['b', 's< b', false],
    ['b', 's<= b', true],
    ['c', 's> b', true],
    ['a', 's>= b', false],
    ['lvm-ssd-1', '<in> ssd', true],
    ['lvm-hdd-1', '<in> ssd', false],
    ['True', '<is> true', true],
    ['1', '<is> True', true],
    ['no', '<is> False', true],
    ['False', '<is> True', false],
    ['a', '<or> a <or> b', true],
    ['b', '<or> a <or> b', true],
    ['c', '<or> a <or> b', false],
    ['<or>', '<or> a <or> b', false],
    ['aes mmx sse', '<all-in> aes sse', true],
    ['aes mmx', '<all-in> aes sse', false],
    // No operator, though every object has a member of that name.
    ['toString x', 'toString x', true],
    ['x', 'toString x', false],
    // An operator without an operand demands what nothing has.
    ['a', '<or>', false],
    ['a', '<all-in>', false],
    ['', '<in>', false],
    ['1', '>=', false],
  ])('%j meets %j: %s', (value, demand, expected) => {
    expect(meets(value, demand)).toBe(expected);
  });
});

describe('the demands of a type', () => {
  const capabilities = { volume_backend_name: 'files', 'storage:tier': 'gold' };

  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['an unscoped key', { volume_backend_name: 'files' }],
    ['a key in the scope capabilities', { 'capabilities:volume_backend_name': '<in> file' }],
    ['a longer key in that scope', { 'capabilities:storage:tier': 'gold' }],
    ['keys of other scopes, which are ignored', { 'provisioning:type': 'thick', 'RESKEY:availability_zones': 'far' }],
  ])('are met: %s', (_, extraSpecs) => {
    expect(unmetDemand(extraSpecs, capabilities)).toBeNull();
  });

  it.each<[string, Record<string, string>]>([
    ["its volume_backend_name is 'files', not 'ceph'", { 'capabilities:volume_backend_name': 'ceph' }],
    ["it has no capability 'compression'", { compression: '<is> True' }],
    ["it has no capability 'compression'", { volume_backend_name: 'files', compression: 's!= lz4' }],
    ["it has no capability 'toString'", { toString: '<in> n' }],
  ])('are not met: %s', (reason, extraSpecs) => {
    expect(unmetDemand(extraSpecs, capabilities)).toBe(reason);
  });
});
