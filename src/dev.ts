import { readEnvironment } from './config';
import { startOneMachine } from './processes/one-machine';
import { runUntilStopped } from './processes/run-until-stopped';

/** `npm start`: everything on this machine, staying up. Temporal's usual ports; Cinder's for the API. */
void runUntilStopped((config, log) =>
  startOneMachine({
    config,
    log,
    env: readEnvironment(),
    say: (line) => process.stdout.write(`${line}\n`),
    temporalPorts: { port: 7233, uiPort: 8233 },
  }),
);
