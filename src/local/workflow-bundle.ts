import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@temporalio/worker';
import { bundleWorkflowCode } from '@temporalio/worker';

export interface WorkflowBundling {
  /** The module that exports the workflows: TypeScript, or what it was compiled to. */
  readonly workflowsPath: string;
  /** Modules whose `interceptors` go around every workflow. */
  readonly interceptorModules: string[];
  readonly bundleFile: string;
  readonly logger?: Logger;
}

/** Makes the one file that workers run workflows from (`workflowBundle: { codePath }`). An older one is replaced at once. */
export async function bundleWorkflows(bundling: WorkflowBundling): Promise<void> {
  const { workflowsPath, interceptorModules, bundleFile, logger } = bundling;
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: interceptorModules,
    ...(logger && { logger }),
  });
  await mkdir(dirname(bundleFile), { recursive: true });
  await writeFile(`${bundleFile}.unfinished`, code);
  await rename(`${bundleFile}.unfinished`, bundleFile);
}
