import { WebSocketServer } from 'ws';
import type { Edges } from '../cluster/edges/edges.adapter.js';
import type { SocketRoutes } from './socket-routes.adapter.js';

const MAX_MESSAGE_BYTES = 64 * 1024;

/** Where other hosts of the cluster pull streams from this one; nobody else gets in, also where nobody is asked. */
export function addPipeRoute(routes: SocketRoutes, edges: Edges): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  routes.add({
    ...{ path: '/api/v1/cluster/pipes/:stream', access: { role: 'operate', isFiltered: true }, sockets },
    admit: (request) => edges.puller(request),
    open: (socket, request, place) => edges.send(socket, place, edges.puller(request)),
  });
}
