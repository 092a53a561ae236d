import type { CatalogEdits, CatalogReader, MessageFilter } from '../catalog/catalog';
import type { UserMessage } from '../domain/user-message';
import { listing, many, one } from './contract';
import type { Reply } from './exchange';
import { readFilters } from './filters';
import type { FilterReaders } from './filters';
import { listReply, pageOf, readPaging } from './listing';
import { SINCE } from './microversions';
import { notFound } from './problems';
import type { Call, Route } from './route';
import { MESSAGE, messageView } from './views/message-view';

/** H-86. `cinder create --poll` explains a failure by the newest message of its request (H-102). */
export function messageRoutes({ catalog }: { readonly catalog: CatalogReader & CatalogEdits }): Route[] {
  const since = SINCE.messages;
  return [
    {
      method: 'get',
      path: '/messages',
      since,
      contract: listing(many('messages', MESSAGE), Object.keys(MESSAGE_FILTERS)),
      handle: (call) => list(call, catalog),
    },
    {
      method: 'get',
      path: '/messages/:id',
      since,
      contract: { gives: { 200: one('message', MESSAGE) } },
      handle: (call) => show(call, catalog),
    },
    {
      method: 'delete',
      path: '/messages/:id',
      since,
      contract: { gives: { 204: null } },
      handle: (call) => remove(call, catalog),
    },
  ];
}

const MESSAGE_FILTERS: FilterReaders<MessageFilter> = {
  request_id: (requestId) => ({ requestId }),
  resource_uuid: (resourceId) => ({ resourceId }),
  resource_type: (resourceType) => ({ resourceType }),
  event_id: (eventId) => ({ eventId }),
  message_level: (level) => ({ level }),
};

async function list(call: Call, catalog: CatalogReader): Promise<Reply> {
  const isPaged = call.version >= SINCE.messagePaging;
  const filter = isPaged ? readFilters(call, MESSAGE_FILTERS) : {};
  const messages = filter ? await catalog.listMessages(call.caller.projectId, filter) : [];
  return listReply(call, isPaged ? page(call, messages) : { rows: messages, total: messages.length }, {
    name: 'messages',
    collection: 'messages',
    view: (message) => messageView(call, message),
  });
}

function page(call: Call, messages: readonly UserMessage[]) {
  const paging = readPaging(call);
  const listed = pageOf(messages, paging);
  if (!listed) throw notFound('Message', paging.marker ?? '');
  return listed;
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  const message = await catalog.findMessage(call.id, call.caller.projectId);
  if (!message) throw notFound('Message', call.id);
  return { status: 200, body: { message: messageView(call, message) } };
}

async function remove({ id, caller }: Call, catalog: CatalogEdits): Promise<Reply> {
  if (!(await catalog.deleteMessage(id, caller.projectId))) throw notFound('Message', id);
  return { status: 204 };
}
