/** Python's `json.dumps(content, sort_keys=True, indent=2)`, which writes what isn't ASCII as `\uXXXX`. */
export function pythonJson(content: object): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(sorted(content), null, 2).replaceAll(/[\u007f-\uffff]/g, escaped);
}

function sorted(content: object): object {
  return Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
}
