/*
 * What a volume type demands of a pool: Cinder's CapabilitiesFilter (scheduler/filters/capabilities_filter.py and
 * extra_specs_ops.py, S-51).
 */

type Capabilities = Readonly<Record<string, string>>;

/** The first demand that the pool doesn't meet, in words; null if it meets all. */
export function unmetDemand(extraSpecs: Readonly<Record<string, string>>, capabilities: Capabilities): string | null {
  for (const [key, demand] of Object.entries(extraSpecs)) {
    const name = capabilityNamed(key);
    if (name === null) continue;
    const value = Object.hasOwn(capabilities, name) ? capabilities[name] : undefined;
    if (value === undefined) return `it has no capability '${name}'`;
    if (!meets(value, demand)) return `its ${name} is '${value}', not '${demand}'`;
  }
  return null;
}

/** Keys with another scope (`provisioning:`, `RESKEY:`, a vendor's) are no business of the scheduler: null. */
function capabilityNamed(key: string): string | null {
  const [scope, ...rest] = key.split(':');
  if (rest.length === 0) return key;
  return scope === 'capabilities' ? rest.join(':') : null;
}

type Operator = (value: string, operand: string) => boolean;

const OPERATORS = new Map<string, Operator>([
  // Not a slip: in Cinder `=` means "at least".
  ['=', (value, operand) => numeric(value) >= numeric(operand)],
  ['==', (value, operand) => numeric(value) === numeric(operand)],
  // Two texts that aren't numbers are incomparable in Cinder, not unequal.
  ['!=', (value, operand) => numeric(value) < numeric(operand) || numeric(value) > numeric(operand)],
  ['>=', (value, operand) => numeric(value) >= numeric(operand)],
  ['<=', (value, operand) => numeric(value) <= numeric(operand)],
  ['s==', (value, operand) => value === operand],
  ['s!=', (value, operand) => value !== operand],
  ['s<', (value, operand) => value < operand],
  ['s<=', (value, operand) => value <= operand],
  ['s>', (value, operand) => value > operand],
  ['s>=', (value, operand) => value >= operand],
  ['<in>', (value, operand) => value.includes(operand)],
  ['<is>', (value, operand) => isTrue(value) === isTrue(operand)],
]);

/** As Python's float(): an empty text is no number either. */
function numeric(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

/** Whether a capability meets a demand such as `SSD`, `>= 10`, `<is> True` or `<or> a <or> b`. */
export function meets(value: string, demand: string): boolean {
  const [first = '', ...operands] = demand.split(/\s+/).filter((word) => word !== '');
  if (first === '<or>') return operands.filter((_, at) => at % 2 === 0).includes(value);
  if (first === '<all-in>') return operands.length > 0 && operands.every((operand) => value.includes(operand));
  const [operand] = operands;
  const operator = OPERATORS.get(first);
  if (!operator) return value === demand || (isBoolean(value) && isTrue(value) === isTrue(demand) && isBoolean(demand));
  return operand !== undefined && operator(value, operand);
}

/** Our capabilities are texts; Cinder's may be booleans, which it compares as such. */
function isBoolean(text: string): boolean {
  return /^(true|false)$/i.test(text);
}

/** oslo_utils.strutils.bool_from_string */
function isTrue(text: string): boolean {
  return ['1', 't', 'true', 'on', 'y', 'yes'].includes(text.trim().toLowerCase());
}
