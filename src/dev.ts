import { readEnvironment } from './config';
import { startOneMachine } from './processes/one-machine';
import { runUntilStopped } from './processes/run-until-stopped';

/** `npm start`: everything on this machine, staying up. By default on Temporal's usual ports, and Cinder's for the API. */
void runUntilStopped((config, log) =>
  startOneMachine({
    config,
    log,
    env: readEnvironment(),
    say: (line) => process.stdout.write(`${line}\n`),
    temporalPorts: { port: config.temporal.port, uiPort: config.temporal.uiPort },
  }),
);
