import type { Logger } from 'pino';

interface Part {
  readonly name: string;
  readonly stop: () => Promise<unknown>;
}

/** What a process has started so far, in order. */
export class StartedParts {
  private readonly parts: Part[] = [];

  constructor(private readonly log: Logger) {}

  add(name: string, stop: () => Promise<unknown>): void {
    this.parts.push({ name, stop });
  }

  /** Stops the last first, each also if one before it could not be stopped. Idempotent. @throws the first failure */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.parts.pop(); part; part = this.parts.pop()) {
      this.log.debug({ part: part.name }, 'stopping');
      await part.stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Runs `start`, which tells what it has started. If it fails, that is stopped; otherwise the result knows how to stop it. */
export async function startTogether<Result extends object>(
  log: Logger,
  start: (parts: StartedParts) => Promise<Result>,
): Promise<Result & { stop(): Promise<void> }> {
  const parts = new StartedParts(log);
  try {
    return { ...(await start(parts)), stop: () => parts.stop() };
  } catch (error) {
    // What could not start is what the caller must hear of.
    await parts.stop().catch((failure: unknown) => log.error({ err: failure }, 'a part could not be stopped'));
    throw error;
  }
}
