// Entry: a mover process. Started by a worker, and gone with it.
import { runMover } from './mover/run-mover';

runMover();
