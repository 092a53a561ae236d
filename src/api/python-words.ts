/*
 * Cinder's texts show values as Python prints them, its filters take Python's literals, and its booleans are oslo's.
 */

const MAX_DEPTH = 20;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Python's `repr()` of a JSON value. */
export function pythonRepr(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return String(value);
  if (depth === MAX_DEPTH) return '...';
  if (Array.isArray(value)) return `[${value.map((item) => pythonRepr(item, depth + 1)).join(', ')}]`;
  const items = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${pythonRepr(item, depth + 1)}`);
  return `{${items.join(', ')}}`;
}

/** Python's `str()` of a JSON value: a text stands for itself. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // eslint-disable-next-line no-control-regex -- exactly these are what Python escapes
  const escaped = text.replace(/[\\\u0000-\u001f\u007f]/g, escapeOf);
  return `${quote}${escaped.replaceAll(quote, `\\${quote}`)}${quote}`;
}

function escapeOf(character: string): string {
  return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

const TRUE = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE = ['0', 'f', 'false', 'off', 'n', 'no'];

/** oslo_utils.strutils.bool_from_string, strict; null where it raises. */
export function parseBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : null;
}

const LITERAL = `(?:'((?:[^'\\\\]|\\\\.)*)'|"((?:[^"\\\\]|\\\\.)*)")`;
const PAIR = new RegExp(`\\s*${LITERAL}\\s*:\\s*${LITERAL}\\s*(,|$)`, 'suy');

/** A dictionary of strings in Python's (or JSON's) notation, as in `metadata={'k':'v'}` (H-55); null if it isn't one. */
export function parseDictionary(text: string): Record<string, string> | null {
  const inner = /^\s*\{(.*)\}\s*$/su.exec(text)?.[1];
  if (inner === undefined) return null;
  const pairs: [string, string][] = [];
  PAIR.lastIndex = 0;
  for (let at = 0; inner.slice(at).trim() !== ''; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(inner);
    if (!match) return null;
    pairs.push([unescaped(match[1] ?? match[2]), unescaped(match[3] ?? match[4])]);
  }
  return Object.fromEntries(pairs);
}

function unescaped(text = ''): string {
  return text.replace(/\\(.)/gsu, '$1');
}
