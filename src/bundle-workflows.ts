import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { projectFolder } from './local/project-folder';
import { bundleWorkflows } from './local/workflow-bundle';

// The last part of `npm run build`: workers and `npm start` read the bundle, so that none of them needs webpack.
void bundleWorkflows({
  workflowsPath: require.resolve('../workflows/index'),
  interceptorModules: [require.resolve('../workflows/words')],
  bundleFile: join(projectFolder(), 'dist', 'workflow-bundle.js'),
  logger: new DefaultLogger('WARN'),
});
