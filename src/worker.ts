import { runUntilStopped } from './processes/run-until-stopped';
import { startWorkerProcess } from './processes/worker-process';

void runUntilStopped(startWorkerProcess);
