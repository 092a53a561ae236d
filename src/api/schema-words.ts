import { z } from 'zod';
import { parseBoolean, pythonRepr, pythonText } from './python-words';
import { isStorable } from './storable';

/*
 * zod schemas that say what Cinder's jsonschemas say, word for word (H-33; Cinder api/validation/parameter_types.py).
 * Clients and their users read these sentences, Python's notation included.
 */

export type Sentence = (input: unknown) => string;

/** Marks a sentence that stands alone, where others are led in by the field's name. */
const STANDS_ALONE = { standsAlone: true };

export function says(sentence: Sentence) {
  return { error: (issue: { readonly input?: unknown }) => sentence(issue.input) };
}

export const isNotOfType = (types: string): Sentence => {
  return (input) => `${pythonRepr(input)} is not of type ${types}`;
};
export const isNotValidUnderAny: Sentence = (input) =>
  `${pythonRepr(input)} is not valid under any of the given schemas`;
export const isTooLong: Sentence = (input) => `${pythonRepr(input)} is too long`;
const isTooShort: Sentence = (input) => `${pythonRepr(input)} is too short`;
export const cannotBeStored: Sentence = (input) => `${pythonRepr(input)} contains a character that cannot be stored`;

/** Characters as Python counts them: code points. */
export function characters(text: string): number {
  return Array.from(text).length;
}

const string = (types: string) => z.string(says(isNotOfType(types))).refine(isStorable, says(cannotBeStored));

/*
 * What a refinement or a transformation checks can't be seen in a schema: `meta` says it in words of JSON Schema, for the OpenAPI
 * document. Where Cinder takes several forms of the same, the document has the usual one.
 */

interface Lengths {
  readonly min?: number;
  readonly max?: number;
}

export function requiredText({ min = 0, max = Infinity }: Lengths) {
  return string("'string'")
    .refine((text) => text.length >= min, says(isTooShort))
    .refine((text) => characters(text) <= max, says(isTooLong))
    .meta(lengths(min, max));
}

export function optionalText({ min = 0, max = 255 }: Lengths = {}) {
  return string("'string', 'null'")
    .refine((text) => text.length >= min, says(isTooShort))
    .refine((text) => characters(text) <= max, says(isTooLong))
    .nullish()
    .meta(lengths(min, max));
}

function lengths(minLength: number, maxLength: number) {
  return { minLength, ...(Number.isFinite(maxLength) ? { maxLength } : {}) };
}

/** Trimmed, then at most 255 characters; `entity` is what the text calls it, whatever the key (H-33h). */
export function trimmedText(entity: 'name' | 'description') {
  return string("'string', 'null'")
    .transform((text) => text.trim())
    .superRefine((text, context) => {
      const count = characters(text);
      if (count <= 255) return;
      const message = `Invalid input received: ${entity} has ${count} characters, more than 255.`;
      context.addIssue({ code: 'custom', message, params: STANDS_ALONE });
    })
    .nullish()
    .meta({ maxLength: 255 });
}

/** oslo_utils.uuidutils.is_uuid_like: dashes and case don't matter. */
export function isUuidLike(text: string): boolean {
  const digits = text
    .replaceAll('urn:', '')
    .replaceAll('uuid:', '')
    .replace(/^[{}]+|[{}]+$/g, '')
    .replaceAll('-', '');
  return /^[0-9a-f]{32}$/i.test(digits);
}

export const optionalUuid = z
  .string(says(isNotValidUnderAny))
  .refine(isUuidLike, says(isNotValidUnderAny))
  .nullish()
  .meta({ format: 'uuid' });

export const requiredUuid = z
  .string(says(isNotOfType("'string'")))
  .refine(
    isUuidLike,
    says((input) => `${pythonRepr(input)} is not a 'uuid'`),
  )
  .meta({ format: 'uuid' });

const MAX_INT = 2_147_483_647;

/** An integer or its digits, from 1 to 2^31-1 (H-33c to H-33f). */
export const optionalSize = z
  .unknown()
  .transform((value, context) => {
    if (value === null) return null;
    const problem = sizeProblem(value, "'integer', 'string', 'null'");
    if (problem === null) return Number(value);
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  })
  .optional()
  .meta({ type: ['integer', 'string', 'null'], minimum: 1, maximum: MAX_INT, pattern: '^[1-9][0-9]{0,8}$' });

/** The same where there must be one. */
export const requiredSize = z.unknown().transform((value, context) => {
  const problem = sizeProblem(value, "'integer', 'string'");
  if (problem === null) return Number(value);
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

function sizeProblem(value: unknown, types: string): string | null {
  if (typeof value !== 'string' && !Number.isInteger(value)) return isNotOfType(types)(value);
  if (typeof value === 'string' && !/^[0-9]+$/.test(value)) return `${pythonRepr(value)} does not match '^[0-9]+$'`;
  const size = Number(value);
  if (size < 1) return `${size} is less than the minimum of 1`;
  return size > MAX_INT ? `${pythonText(value)} is greater than the maximum of ${MAX_INT}` : null;
}

const BOOLEAN_WORDS = /^(True|TRUE|true|1|ON|On|on|YES|Yes|yes|y|t|False|FALSE|false|0|OFF|Off|off|NO|No|no|n|f)$/;
const BOOLEAN_TEXT = { type: 'string', pattern: BOOLEAN_WORDS.source } as const;

export const optionalBoolean = z
  .unknown()
  .refine((value) => readBoolean(value) !== undefined, says(isNotValidUnderAny))
  .transform(readBoolean)
  .optional()
  .meta({ anyOf: [{ type: ['boolean', 'null'] }, BOOLEAN_TEXT] });

/** The same of a scheduler hint, of which other keys and values are nobody's business. */
export const optionalHints = z
  .looseObject({ rekindle_read_back: optionalBoolean }, says(isNotOfType("'object', 'null'")))
  .nullish();

/** Cinder's parameter_types.boolean: true, false, or one of its words for them. */
export const requiredBoolean = z
  .unknown()
  .transform((value, context) => {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string' && BOOLEAN_WORDS.test(value)) return parseBoolean(value) === true;
    const message =
      typeof value === 'string'
        ? `${pythonRepr(value)} is not one of [True, False]`
        : isNotOfType("'boolean', 'string'")(value);
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({ anyOf: [{ type: 'boolean' }, BOOLEAN_TEXT] });

function readBoolean(value: unknown): boolean | null | undefined {
  if (value === null || typeof value === 'boolean') return value;
  return typeof value === 'string' ? (parseBoolean(value) ?? undefined) : undefined;
}

/** An object that is looked at no further, or null. */
export const optionalObject = z.looseObject({}, says(isNotOfType("'object', 'null'"))).nullish();

/** An object with these keys and no others (H-33g, H-33o). */
export function closedObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unexpected(issue.keys) : isNotOfType("'object'")(issue.input),
  });
}

/** An object with these keys; others are let through. */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape, says(isNotOfType("'object'")));
}

function unexpected(keys: readonly string[]): string {
  const names = keys.map((key) => pythonRepr(key)).join(', ');
  return `Additional properties are not allowed (${names} ${keys.length === 1 ? 'was' : 'were'} unexpected)`;
}

/** The sentence for the caller: what is wrong, led in by where and with which value (H-33). */
export function explainIssue(issue: z.core.$ZodIssue, body: unknown): string {
  if (issue.code === 'custom' && issue.params?.['standsAlone'] === true) return issue.message;
  const value = valueAt(body, issue.path);
  const field = issue.path.at(-1);
  if (value === undefined) {
    return ledIn(issue.path.slice(0, -1), body, `${pythonRepr(field)} is a required property`);
  }
  return ledIn(issue.path, body, issue.message);
}

function ledIn(path: readonly PropertyKey[], body: unknown, sentence: string): string {
  const field = path.at(-1);
  if (field === undefined) return sentence;
  return `Invalid input for field/attribute ${String(field)}. Value: ${pythonText(valueAt(body, path))}. ${sentence}`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const property: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
    return property;
  }, body);
}
