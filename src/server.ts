import { startApiProcess } from './processes/api-process';
import { runUntilStopped } from './processes/run-until-stopped';

void runUntilStopped(startApiProcess);
