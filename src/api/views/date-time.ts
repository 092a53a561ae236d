/** H-46: microseconds, no zone. gophercloud reads exactly this form. */
export function dateTime(at: Date | null): string | null {
  return at === null ? null : at.toISOString().replace('Z', '000');
}
