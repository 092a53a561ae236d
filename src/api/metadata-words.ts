import { z } from 'zod';
import { pythonRepr } from './python-words';
import { cannotBeStored, characters, isNotOfType, isTooLong, says } from './schema-words';
import type { Sentence } from './schema-words';
import { isStorable } from './storable';

/* Metadata as Cinder's jsonschemas take it (Cinder api/validation/parameter_types.py: extra_specs, image_metadata). */

const isNotA = (format: string): Sentence => {
  return (input) => `${pythonRepr(input)} is not a '${format}'`;
};
// In Python a dash between two ranges stands for itself; in JavaScript it would make `9-_` a range.
const METADATA_KEYS = { pattern: /^[a-zA-Z0-9\-_:. /]{1,255}$/, words: '^[a-zA-Z0-9-_:. /]{1,255}$' };
const SPEC_KEYS = { pattern: /^[a-zA-Z0-9\-_:.]{1,255}$/, words: '^[a-zA-Z0-9-_:.]{1,255}$' };

interface Keys {
  readonly pattern: RegExp;
  readonly words: string;
}

/** In words of JSON Schema, for the OpenAPI document. */
function shortTexts(keys: Keys) {
  return { propertyNames: named(keys), additionalProperties: { type: 'string', maxLength: 255 } };
}

function named({ pattern }: Keys) {
  return { pattern: pattern.source.replace('\\/', '/') };
}

/**
 * Keys and values that are texts (H-33j to H-33l). Not `z.record`, which drops the key `__proto__`: it is a permitted one
 * like any other.
 */
export const optionalMetadata = z
  .unknown()
  .transform((value, context) => (value === null ? {} : readTexts(value, context, { types: "'object', 'null'" })))
  .optional()
  .meta({ type: ['object', 'null'], ...shortTexts(METADATA_KEYS) });

/** The same where there must be some. */
export const requiredMetadata = z
  .unknown()
  .transform((value, context) => readTexts(value, context, { types: "'object'" }))
  .meta({ type: 'object', ...shortTexts(METADATA_KEYS) });

/** Image metadata: values may be as long as a `text` of MySQL (Cinder parameter_types.image_metadata). */
export const requiredImageMetadata = z
  .unknown()
  .transform((value, context) => readTexts(value, context, { types: "'object'", maxBytes: MYSQL_TEXT_BYTES }))
  .meta({ type: 'object', propertyNames: named(METADATA_KEYS), additionalProperties: { type: 'string' } });

/** Extra specs of a volume type: keys have neither spaces nor slashes (Cinder parameter_types.extra_specs_with_no_spaces_key). */
export const requiredExtraSpecs = z
  .unknown()
  .transform((value, context) => readTexts(value, context, { types: "'object'", keys: SPEC_KEYS }))
  .meta({ type: 'object', ...shortTexts(SPEC_KEYS) });

/** Exactly one, for `/metadata/{key}`. */
export const requiredMetadataItem = exactlyOne(requiredMetadata);

/** Exactly one, for `/extra_specs/{key}`. */
export const requiredExtraSpec = exactlyOne(requiredExtraSpecs);

function exactlyOne(texts: typeof requiredMetadata) {
  return texts
    .refine(
      (texts) => Object.keys(texts).length >= 1,
      says((input) => `${pythonRepr(input)} does not have enough properties`),
    )
    .refine(
      (texts) => Object.keys(texts).length <= 1,
      says((input) => `${pythonRepr(input)} has too many properties`),
    )
    .meta({ ...texts.meta(), minProperties: 1, maxProperties: 1 });
}

const MYSQL_TEXT_BYTES = 65_535;

interface Texts {
  /** What the whole may be, in jsonschema's words. */
  readonly types: string;
  /** Of a value; left out: 255 characters. */
  readonly maxBytes?: number;
  readonly keys?: Keys;
}

function readTexts(
  value: unknown,
  context: z.RefinementCtx,
  { types, maxBytes, keys = METADATA_KEYS }: Texts,
): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    context.addIssue({ code: 'custom', message: isNotOfType(types)(value) });
    return z.NEVER;
  }
  const entries = Object.entries(value);
  const misnamed = entries.map(([key]) => key).filter((key) => !keys.pattern.test(key));
  const texts = entries
    .filter(([key]) => !misnamed.includes(key))
    .map(([key, text]) => textEntry([key, text], context, maxBytes));
  if (misnamed.length > 0) context.addIssue({ code: 'custom', message: matchesNoPattern(misnamed, keys.words) });
  return Object.fromEntries(texts);
}

function textEntry(
  [key, value]: [string, unknown],
  context: z.RefinementCtx,
  maxBytes: number | undefined,
): [string, string] {
  const text = typeof value === 'string' ? value : '';
  const complain = (sentence: Sentence): void =>
    context.addIssue({ code: 'custom', message: sentence(value), path: [key] });
  if (typeof value !== 'string') complain(isNotOfType("'string'"));
  if (maxBytes === undefined && characters(text) > 255) complain(isTooLong);
  if (maxBytes !== undefined && Buffer.byteLength(text) > maxBytes) complain(isNotA('mysql_text'));
  if (!isStorable(text)) complain(cannotBeStored);
  return [key, text];
}

function matchesNoPattern(keys: readonly string[], pattern: string): string {
  const names = keys.map((key) => pythonRepr(key)).sort();
  return `${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} not match any of the regexes: '${pattern}'`;
}
