/** What is known of a record before it is taken in. */
export interface Link {
  readonly id: string;
  readonly parentId: string | null;
}

export interface Ordered<One extends Link> {
  /** Parents before their children; a parent that isn't among them is somebody else's to know. */
  readonly links: readonly One[];
  /** Those that lead back to themselves, or build on one that does. */
  readonly endless: readonly One[];
}

/** Breadth first, from those whose parent isn't among them. */
export function parentsFirst<One extends Link>(all: ReadonlyMap<string, One>): Ordered<One> {
  const children = new Map<string, One[]>();
  const links: One[] = [];
  for (const link of all.values()) {
    if (link.parentId === null || !all.has(link.parentId)) links.push(link);
    else listAt(children, link.parentId).push(link);
  }
  // Grows while it is walked.
  for (const { id } of links) for (const child of children.get(id) ?? []) links.push(child);
  if (links.length === all.size) return { links, endless: [] };
  const reached = new Set(links.map(({ id }) => id));
  return { links, endless: [...all.values()].filter(({ id }) => !reached.has(id)) };
}

function listAt<One>(lists: Map<string, One[]>, key: string): One[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
