import autocannon from 'autocannon';
import type { Request } from 'autocannon';

export interface Load {
  readonly url: string;
  /** That ask at once, each the next question when it has its answer. */
  readonly clients: number;
  readonly seconds: number;
  readonly request: Request;
}

export interface Answered {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perMinute: number;
}

/** Asks from a thread of its own. @throws Error if any answer isn't a success */
export async function ask({ url, clients, seconds, request }: Load): Promise<Answered> {
  const result = await autocannon({
    url,
    connections: clients,
    duration: seconds,
    timeout: 60,
    workers: 1,
    requests: [request],
  });
  const { latency, non2xx, errors } = result;
  if (non2xx + errors > 0) throw new Error(`${non2xx} answers of ${url} were no success, ${errors} never came`);
  return { p50Ms: latency.p50, p99Ms: latency.p99, perMinute: (result['2xx'] * 60) / result.duration };
}
