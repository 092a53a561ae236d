import { sql } from 'kysely';

/**
 * What a volume takes of quota and pool, in GiB: its size, or what it is about to become. So an extension takes its share with the status,
 * and gives it back with the status, and neither can be forgotten.
 */
export const reservedSizeGib = sql<number>`(
  case when volumes.status = 'extending' then volumes.extend_gib else volumes.size_gib end
)`;
