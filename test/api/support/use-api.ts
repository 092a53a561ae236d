import type { Catalog } from '../../../src/catalog/catalog';
import { startApi } from './running-api';
import type { ApiOptions, Ask, RunningApi } from './running-api';

/** What the tests of a file ask and look at. What it has is there from the first test on. */
export interface ApiInUse {
  readonly api: RunningApi;
  readonly catalog: Catalog;
  /** The project of this test alone, so that nobody else's rows count. */
  readonly project: string;
  /** Asks as a caller of that project. */
  readonly ask: Ask;
}

/** One API for all tests of the file that calls this, and for each test a caller of a project of his own. */
export function useApi(options?: ApiOptions): ApiInUse {
  let api: RunningApi;
  let caller: ReturnType<RunningApi['caller']>;
  beforeAll(async () => {
    api = await startApi(options);
  });
  beforeEach(() => {
    caller = api.caller();
  });
  afterAll(() => api.close());
  return {
    get api() {
      return api;
    },
    get catalog() {
      return api.catalog;
    },
    get project() {
      return caller.project;
    },
    ask: (path, asked) => caller.ask(path, asked),
  };
}
