import { z } from 'zod';

/** As `dateTime` writes it. */
export const DATE_TIME = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);

/** H-46: microseconds, no zone. gophercloud reads exactly this form. */
export function dateTime(at: Date | null): string | null {
  return at === null ? null : at.toISOString().replace('Z', '000');
}
